# What a published table's columns say about each other (Sect. 2).
# REQUIRED INPUTS: results/{run}/stars.parquet, the paper's numbers
# OUTPUTS: results/{run}/audit.ecsv, audit.html


rule check_published:
    input:
        stars="results/{run}/stars.parquet",
        paper=config["paper"] or [],
    output:
        audit="results/{run}/audit.ecsv",
        page=report(
            "results/{run}/audit.html",
            category="Audit of the published table",
            caption="../workflow/report/audit.rst",
        ),
    log:
        "results/{run}/logs/check_published.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings("run", "frame", "selection.v_sp_min", "selection.v_tan_min"),
        code=code("audit/check_published"),
    shell:
        command("audit/check_published")
