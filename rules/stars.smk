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
        code=code("stars/check_stars"),
    shell:
        "python -m scripts.stars.check_stars --list {input.stars} --cfg {params.cfg:q} --code {params.code}"
        " --stars {output.stars} --problems {output.problems} > {log} 2>&1"


rule measure_velocities:
    input:
        stars="results/{run}/stars.parquet",
        prior=PRIOR,
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
        code=code("stars/measure_velocities"),
    shell:
        "python -m scripts.stars.measure_velocities --stars {input.stars} --cfg {params.cfg:q}"
        " --code {params.code} --out {output} > {log} 2>&1"
