# Any star list -> a checked one; what a published table's columns say about each other (Sect. 2).
# REQUIRED INPUTS: the star list of the configuration.
# OUTPUTS: results/{run}/stars.parquet, list_problems.ecsv, audit.ecsv, audit.html


rule check_stars:
    input:
        stars=config["stars"],
    output:
        stars="results/{run}/stars.parquet",
        problems="results/{run}/list_problems.ecsv",
    log:
        "results/{run}/logs/check_stars.log",
    benchmark:
        "results/{run}/benchmarks/check_stars.tsv"
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        cfg=settings("run", "distance"),
        code=code("check_stars"),
    shell:
        "python -m scripts.check_stars --list {input.stars} --cfg {params.cfg:q} --code {params.code}"
        " --stars {output.stars} --problems {output.problems} > {log} 2>&1"


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
    benchmark:
        "results/{run}/benchmarks/check_published.tsv"
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        cfg=settings("run", "frame", "selection.v_sp_min", "selection.v_tan_min"),
        code=code("check_published"),
    shell:
        "python -m scripts.check_published --stars {input.stars} --paper {input.paper}"
        " --cfg {params.cfg:q} --code {params.code} --audit {output.audit} --page {output.page} > {log} 2>&1"
