# Peculiar velocities of all stars (Sect. 2).
# REQUIRED INPUTS: results/{run}/stars.parquet
# OUTPUTS: results/{run}/velocities.parquet


rule measure_velocities:
    input:
        stars="results/{run}/stars.parquet",
    output:
        "results/{run}/velocities.parquet",
    log:
        "results/{run}/logs/measure_velocities.log",
    benchmark:
        "results/{run}/benchmarks/measure_velocities.tsv"
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        cfg=settings("run", "frame", "distance", "errors"),
        code=code("measure_velocities"),
    shell:
        "python -m scripts.measure_velocities --stars {input.stars} --cfg {params.cfg:q}"
        " --code {params.code} --out {output} > {log} 2>&1"
