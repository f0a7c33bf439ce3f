# How the stars got their speed: the plane of V_Sp and v sin i, and where they exist clusters and
# flight times (Sect. 4.3).
# REQUIRED INPUTS: results/{run}/stars.parquet, velocities.parquet, selection.parquet, masses_ages.parquet,
#   best_clusters.parquet
# OUTPUTS: results/{run}/origins.parquet


rule classify_origins:
    input:
        PRIOR,
        stars="results/{run}/stars.parquet",
        velocities="results/{run}/velocities.parquet",
        selection="results/{run}/selection.parquet",
        predicted="results/{run}/masses_ages.parquet",
        clusters="results/{run}/best_clusters.parquet",
        labels="results/{run}/labels.parquet" if ADOPT_MEASURED else [],
    output:
        out="results/{run}/origins.parquet",
    log:
        "results/{run}/logs/classify_origins.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings("run", "frame", "distance", "errors", "origins", "orbits.age"),
        code=code("origins/classify_origins"),
    shell:
        command("origins/classify_origins")
