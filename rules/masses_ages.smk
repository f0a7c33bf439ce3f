# Stellar tracks -> a model of mass and age -> mass, age and grid flag of each star (Sect. 3.3).
# REQUIRED INPUTS: the star list and the track files of the configuration
# OUTPUTS: results/{run}/models/tracks.parquet, model_stars.npz, for `masses: forests`
#   masses_ages.npz, hold_out.ecsv,
#   stars/{star}/masses_ages.parquet, stars/{star}/ages/{chunk}.parquet (for predicted ages),
#   masses_ages.parquet

LABEL_SETTINGS = ["frame", "distance", "errors", "orbits.sampler"]
LABEL_SETTINGS += ADOPTION_SETTINGS if ADOPT_MEASURED else []
FORESTS = "results/{run}/models/masses_ages.npz" if config["masses"] == "forests" else []


rule fetch_tracks:
    input:
        files=TRACKS,
    output:
        out="results/{run}/models/tracks.parquet",
        models="results/{run}/models/model_stars.npz",
    log:
        "results/{run}/logs/fetch_tracks.log",
    conda:
        "../envs/runaways.yaml"
    resources:
        mem_mb=memory(1000),
    params:
        options=options,
        cfg=settings("run", *(f"tracks.{key}" for key in ["source", "mh_min", "mh_max", "mh_step"])),
        code=code("masses_ages/fetch_tracks"),
    shell:
        command("masses_ages/fetch_tracks")


rule train_forests:
    input:
        tracks="results/{run}/models/tracks.parquet",
    output:
        model="results/{run}/models/masses_ages.npz",
        hold_out="results/{run}/models/hold_out.ecsv",
    log:
        "results/{run}/logs/train_forests.log",
    conda:
        "../envs/runaways.yaml"
    threads: 4
    params:
        options=options,
        cfg=settings("run", "seed", "tracks"),
        code=code("masses_ages/train_forests"),
    shell:
        command("masses_ages/train_forests", "--threads {threads}")


rule predict_masses_ages:
    input:
        PRIOR,
        list=ancient(config["stars"]),
        tracks="results/{run}/models/tracks.parquet",
        models="results/{run}/models/model_stars.npz",
        model=FORESTS,
        label_fits=measured("label_fits.parquet"),
        lte=LTE_LABELS if ADOPT_MEASURED else [],
    output:
        out="results/{run}/stars/{star}/masses_ages.parquet",
    log:
        "results/{run}/logs/predict_masses_ages/{star}.log",
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        names=names,
        rows=rows,
        cfg=settings("run", "seed", *LABEL_SETTINGS, "tracks", "population"),
        code=code("masses_ages/predict_masses_ages"),
    shell:
        command("masses_ages/predict_masses_ages", "names", "rows")


rule draw_ages:
    input:
        PRIOR,
        list=ancient(config["stars"]),
        predicted="results/{run}/stars/{star}/masses_ages.parquet",
        models="results/{run}/models/model_stars.npz",
        model=FORESTS,
        label_fits=measured("label_fits.parquet"),
        lte=LTE_LABELS if ADOPT_MEASURED else [],
    output:
        out="results/{run}/stars/{star}/ages/{chunk}.parquet",
    log:
        "results/{run}/logs/draw_ages/{star}/{chunk}.log",
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        names=names,
        rows=rows,
        cfg=settings("run", "seed", *LABEL_SETTINGS, "orbits.age", "population"),
        code=code("masses_ages/draw_ages"),
    shell:
        command("masses_ages/draw_ages", "names", "rows", "--draws {wildcards.chunk}")


rule gather_masses_ages:
    input:
        expand("results/{{run}}/stars/{star}/masses_ages.parquet", star=BATCHES),
        stars="results/{run}/stars.parquet",
    output:
        out="results/{run}/masses_ages.parquet",
    log:
        "results/{run}/logs/gather_masses_ages.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings("run"),
        code=code("masses_ages/gather_masses_ages"),
        stars_per_job=config["stars_per_job"],
        masses_by=code("masses_ages/predict_masses_ages"),
    shell:
        command(
            "masses_ages/gather_masses_ages",
            "--folder results/{wildcards.run}/stars",
            "stars_per_job",
            "masses_by",
        )
