# Labels of each star from its spectra; NLTE grid or LTE catalogue (Sect. 3.2).
# REQUIRED INPUTS: results/{run}/models/emulator_{arm}.npz, stars/{star}/spectra.parquet,
#   observations.parquet, subtypes.parquet; the LTE catalogue of the configuration
# OUTPUTS: results/{run}/stars/{star}/label_fits.parquet, best_fits.parquet,
#   models/lte_labels.parquet, labels.parquet

ADOPTION_SETTINGS = ["labels.grid", "labels.nlte_min_teff", "labels.veto"]
FIT_SETTINGS = ["labels.continuum", "labels.macroturbulence", "spectra.resolution_error"]


rule fit_labels:
    input:
        spectra="results/{run}/stars/{star}/spectra.parquet",
        observations="results/{run}/stars/{star}/observations.parquet",
        subtypes="results/{run}/stars/{star}/subtypes.parquet",
        emulators=expand("results/{{run}}/models/emulator_{arm}.npz", arm=ARMS),
    output:
        fits="results/{run}/stars/{star}/label_fits.parquet",
        pixels="results/{run}/stars/{star}/best_fits.parquet",
    log:
        "results/{run}/logs/fit_labels/{star}.log",
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        names=names,
        cfg=settings("run", *FIT_SETTINGS),
        code=code("labels/fit_labels"),
    shell:
        command("labels/fit_labels", "names")


rule match_lte_catalogue:
    input:
        stars="results/{run}/stars.parquet",
        catalogue=config["labels"]["lte_catalogue"] or [],
    output:
        out="results/{run}/models/lte_labels.parquet",
    log:
        "results/{run}/logs/match_lte_catalogue.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings("run", "labels.lte_radius"),
        code=code("labels/match_lte_catalogue"),
    shell:
        command("labels/match_lte_catalogue")


rule gather_labels:
    input:
        expand("results/{{run}}/stars/{star}/label_fits.parquet", star=BATCHES),
        expand("results/{{run}}/stars/{star}/observations.parquet", star=BATCHES),
        expand("results/{{run}}/stars/{star}/subtypes.parquet", star=BATCHES),
        stars="results/{run}/stars.parquet",
        lte=LTE_LABELS,
    output:
        out=["results/{run}/labels.parquet", "results/{run}/labels.ecsv"],
    log:
        "results/{run}/logs/gather_labels.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        stars_per_job=config["stars_per_job"],
        cfg=settings("run", *ADOPTION_SETTINGS),
        code=code("labels/gather_labels"),
        fitted_by=code("labels/fit_labels"),
        measured_by=code("spectra/measure_spectrum"),
        classified_by=code("subtypes/classify_subtype"),
    shell:
        command(
            "labels/gather_labels",
            "--folder results/{wildcards.run}/stars",
            "stars_per_job",
            "fitted_by",
            "measured_by",
            "classified_by",
        )
