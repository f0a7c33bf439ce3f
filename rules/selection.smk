# Peculiar velocities, Maxwellian fits, runaways; horizontal-branch stars, by catalogues and by their
# distances (Sect. 2). Selection and vetoes are columns: they change no job.
# REQUIRED INPUTS: results/{run}/stars.parquet, models/tracks.parquet, the catalogues of bhb.catalogues
# OUTPUTS: results/{run}/velocities.parquet, bhb.parquet, velocity_fits.ecsv, selection.parquet,
#   distance_checks.parquet, old_stars.parquet


rule match_bhb:
    input:
        [entry["file"] for entry in config["bhb"]["catalogues"]],
        stars="results/{run}/stars.parquet",
    output:
        out="results/{run}/bhb.parquet",
    log:
        "results/{run}/logs/match_bhb.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings("run", "bhb.catalogues", "bhb.radius"),
        code=code("selection/match_bhb"),
    shell:
        command("selection/match_bhb")


rule fit_selection:
    input:
        PRIOR,
        stars="results/{run}/stars.parquet",
        velocities="results/{run}/velocities.parquet",
        bhb="results/{run}/bhb.parquet",
    output:
        fits="results/{run}/velocity_fits.ecsv",
        selection="results/{run}/selection.parquet",
    log:
        "results/{run}/logs/fit_selection.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings(
            "run", "seed", "distance", "errors", "selection", "orbits.sampler", *ROTATION_SETTINGS
        ),
        code=code("selection/fit_selection"),
    shell:
        command("selection/fit_selection")


rule check_distances:
    input:
        PRIOR,
        stars="results/{run}/stars.parquet",
        tracks="results/{run}/models/tracks.parquet",
        velocities="results/{run}/velocities.parquet",
        bhb="results/{run}/bhb.parquet",
        labels="results/{run}/labels.parquet" if ADOPT_MEASURED else [],
    output:
        out="results/{run}/distance_checks.parquet",
        old="results/{run}/old_stars.parquet",
    log:
        "results/{run}/logs/check_distances.log",
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings(
            "run", "frame", "distance", "errors", "bhb.max_tension", "bhb.share", "bhb.purity"
        ),
        code=code("selection/check_distances"),
    shell:
        command("selection/check_distances")
