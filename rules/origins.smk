# How the stars got their speed: the two channels, their shares in the list, and the plane of V_Sp and
# v sin i (Sect. 4.3).
# REQUIRED INPUTS: results/{run}/stars.parquet, velocities.parquet, selection.parquet, masses_ages.parquet,
#   ejections.parquet, stars/{star}/ejection_sites.parquet
# OUTPUTS: results/{run}/models/binary_companions.parquet, origins.parquet, origin_fractions.ecsv,
#   origin_posterior.parquet

CHANNEL_SETTINGS = ["origins", "ejections.priors"]


rule evolve_binaries:
    output:
        out="results/{run}/models/binary_companions.parquet",
    log:
        "results/{run}/logs/evolve_binaries.log",
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings("run", "seed", "origins.binaries"),
        code=code("origins/evolve_binaries"),
    shell:
        command("origins/evolve_binaries")


rule classify_origins:
    input:
        PRIOR,
        expand("results/{{run}}/stars/{star}/ejection_sites.parquet", star=BATCHES),
        stars="results/{run}/stars.parquet",
        velocities="results/{run}/velocities.parquet",
        selection="results/{run}/selection.parquet",
        predicted="results/{run}/masses_ages.parquet",
        ejections="results/{run}/ejections.parquet",
        companions="results/{run}/models/binary_companions.parquet",
        labels="results/{run}/labels.parquet" if ADOPT_MEASURED else [],
    output:
        out="results/{run}/origins.parquet",
        fractions="results/{run}/origin_fractions.ecsv",
        posterior="results/{run}/origin_posterior.parquet",
    log:
        "results/{run}/logs/classify_origins.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings("run", "seed", "frame", "distance", "errors", "orbits.age", *CHANNEL_SETTINGS),
        code=code("origins/classify_origins"),
        stars_per_job=config["stars_per_job"],
        fitted_with=settings(*EJECTION_SETTINGS, "ejections.kernels"),
        fitted_by=code("ejections/fit_ejection"),
    shell:
        command(
            "origins/classify_origins",
            "--folder results/{wildcards.run}",
            "stars_per_job",
            "fitted_with",
            "fitted_by",
        )
