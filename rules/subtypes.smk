# Line indices and subtype of each star, against MK standards (Sect. 3.1).
# REQUIRED INPUTS: results/{run}/stars/{star}/spectra.parquet, resources/mk_standards_equivalent_widths.ecsv
# OUTPUTS: results/{run}/stars/{star}/subtypes.parquet, line_indices.parquet


rule classify_subtype:
    input:
        spectra="results/{run}/stars/{star}/spectra.parquet",
        standards=ours("resources/mk_standards_equivalent_widths.ecsv"),
    output:
        subtypes="results/{run}/stars/{star}/subtypes.parquet",
        indices="results/{run}/stars/{star}/line_indices.parquet",
    log:
        "results/{run}/logs/classify_subtype/{star}.log",
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        names=names,
        cfg=settings("run"),
        code=code("subtypes/classify_subtype"),
    shell:
        command("subtypes/classify_subtype", "names")
