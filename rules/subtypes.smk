# Line indices and subtype of each star, against MK standards (Sect. 3.1).
# REQUIRED INPUTS: results/{run}/stars/{star}/spectra.parquet, resources/mk_standards_equivalent_widths.ecsv
# OUTPUTS: results/{run}/stars/{star}/subtypes.parquet, line_indices.parquet


rule classify_subtype:
    input:
        spectra="results/{run}/stars/{star}/spectra.parquet",
        standards="resources/mk_standards_equivalent_widths.ecsv",
    output:
        subtypes="results/{run}/stars/{star}/subtypes.parquet",
        indices="results/{run}/stars/{star}/line_indices.parquet",
    log:
        "results/{run}/logs/classify_subtype/{star}.log",
    benchmark:
        "results/{run}/benchmarks/classify_subtype/{star}.tsv"
    conda:
        "../envs/runaways.yaml"
    params:
        names=names,
        cfg=settings("run"),
        code=code("subtypes/classify_subtype"),
    shell:
        "python -m scripts.subtypes.classify_subtype --spectra {input.spectra} --names {params.names}"
        " --standards {input.standards} --indices {output.indices} --out {output.subtypes}"
        " --cfg {params.cfg:q} --code {params.code} > {log} 2>&1"
