# Spectra -> one spectrum at rest for each star and instrument, line indices, subtype (Sect. 2, 3.1).
# REQUIRED INPUTS: the star list; the folders of spectra and the table of line-spread functions of
#   the configuration; results/{run}/models/grid_{arm}.h5,
#   resources/mk_standards_equivalent_widths.ecsv
# OUTPUTS: results/{run}/spectra_files.ecsv, stars/{star}/spectra.parquet, epochs.parquet,
#   observations.parquet, subtypes.parquet, line_indices.parquet, stand_in_spectra/

SPECTRA_SETTINGS = ["run", "distance.method", "spectra.lrs", "spectra.mrs", "spectra.radius"]
READING_SETTINGS = [f"spectra.{key}" for key in ["snr_min", "exposures", "or_mask", "medium"]]
READING_SETTINGS += ["spectra.resolution"]


rule fetch_spectra:
    input:
        list=ancient(config["stars"]),
    output:
        out=directory("results/{run}/stars/{star}/stand_in_spectra"),
    log:
        "results/{run}/logs/fetch_spectra/{star}.log",
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        names=names,
        rows=rows,
        cfg=settings("seed", "distance.method", "spectra.stand_in_snr"),
        code=code("spectra/fetch_spectra"),
    shell:
        command("spectra/fetch_spectra", "names", "rows")


rule check_spectra:
    input:
        list=config["stars"],
    output:
        out="results/{run}/spectra_files.ecsv",
    log:
        "results/{run}/logs/check_spectra.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        folders=SPECTRA_FOLDERS,
        state=SPECTRA_STATE,
        rows=ALL_ROWS,
        cfg=settings(*SPECTRA_SETTINGS),
        code=code("spectra/check_spectra"),
    shell:
        command("spectra/check_spectra", "folders", "rows")


rule measure_spectrum:
    input:
        list=ancient(config["stars"]),
        grids=expand("results/{{run}}/models/grid_{arm}.h5", arm=ARMS),
        files=spectra_of,
        line_spread=config["spectra"]["line_spread"] or [],
    output:
        spectra="results/{run}/stars/{star}/spectra.parquet",
        epochs="results/{run}/stars/{star}/epochs.parquet",
        observations="results/{run}/stars/{star}/observations.parquet",
    log:
        "results/{run}/logs/measure_spectrum/{star}.log",
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        names=names,
        rows=rows,
        cfg=settings(*SPECTRA_SETTINGS, *READING_SETTINGS),
        code=code("spectra/measure_spectrum"),
    shell:
        command("spectra/measure_spectrum", "names", "rows")
