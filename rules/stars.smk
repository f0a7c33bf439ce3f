# Any star list -> a checked one, and its peculiar velocities (Sect. 2).
# REQUIRED INPUTS: the star list of the configuration.
# OUTPUTS: results/{run}/stars.parquet, list_problems.ecsv, velocities.parquet


rule check_stars:
    input:
        list=config["stars"],
    output:
        stars="results/{run}/stars.parquet",
        problems="results/{run}/list_problems.ecsv",
    log:
        "results/{run}/logs/check_stars.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        rows=ALL_ROWS,
        cfg=settings("run", "distance"),
        code=code("stars/check_stars"),
    shell:
        command("stars/check_stars", "rows")


rule measure_velocities:
    input:
        PRIOR,
        stars="results/{run}/stars.parquet",
    output:
        out="results/{run}/velocities.parquet",
    log:
        "results/{run}/logs/measure_velocities.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings("run", "distance", "errors", *ROTATION_SETTINGS),
        code=code("stars/measure_velocities"),
    shell:
        command("stars/measure_velocities")
