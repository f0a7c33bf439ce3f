# Training spectra -> a regression for each pixel, for each instrument (Sect. 3.2).
# REQUIRED INPUTS: the training grid of the configuration
# OUTPUTS: results/{run}/models/grid_{arm}.h5, emulator_{arm}.npz, emulators.ecsv

GRID_PARTS = range(config["labels"]["grid_parts"])
# kernel ridge regression learns all pixels at once
PIXEL_CHUNKS = range(config["labels"]["pixel_chunks"] if config["labels"]["engine"] == "svr" else 1)
SVR_COMMON = [config["labels"][key] for key in ("engine", "svr_settings")] == ["svr", "common"]
ENGINE_SETTINGS = ["labels.engine", "labels.continuum"]
if config["labels"]["engine"] == "svr":
    ENGINE_SETTINGS += [f"labels.svr_{key}" for key in ["settings", "c", "gamma", "epsilon"]]


rule fetch_grid:
    input:
        GRID,
    output:
        out=temp(expand("results/{{run}}/models/grid/{{part}}_{arm}.h5", arm=ARMS)),
    log:
        "results/{run}/logs/fetch_grid/{part}.log",
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        arms=ARMS,
        parts=len(GRID_PARTS),
        cfg=settings("labels.grid", "labels.microturbulence", "labels.stand_in_models"),
        code=code("emulators/fetch_grid"),
    shell:
        command("emulators/fetch_grid", "--part {wildcards.part}", "parts", "arms")


rule gather_grid:
    input:
        parts=expand("results/{{run}}/models/grid/{part}_{{arm}}.h5", part=GRID_PARTS),
    output:
        out="results/{run}/models/grid_{arm}.h5",
    log:
        "results/{run}/logs/gather_grid/{arm}.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings(),
        code=code("emulators/gather_grid"),
    shell:
        command("emulators/gather_grid")


rule fit_svr_settings:
    input:
        grid="results/{run}/models/grid_{arm}.h5",
    output:
        out="results/{run}/models/emulator_{arm}/svr_settings.json",
    log:
        "results/{run}/logs/fit_svr_settings/{arm}.log",
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings(*ENGINE_SETTINGS),
        code=code("emulators/fit_svr_settings"),
    shell:
        command("emulators/fit_svr_settings")


rule train_emulator:
    input:
        grid="results/{run}/models/grid_{arm}.h5",
        settings="results/{run}/models/emulator_{arm}/svr_settings.json" if SVR_COMMON else [],
    output:
        out="results/{run}/models/emulator_{arm}/{part}.npz",
    log:
        "results/{run}/logs/train_emulator/{arm}/{part}.log",
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        chunks=len(PIXEL_CHUNKS),
        cfg=settings(*ENGINE_SETTINGS),
        code=code("emulators/train_emulator"),
    shell:
        command("emulators/train_emulator", "--chunk {wildcards.part}", "chunks")


rule gather_emulators:
    input:
        chunks=expand(
            "results/{{run}}/models/emulator_{arm}/{part}.npz", arm=ARMS, part=PIXEL_CHUNKS
        ),
    output:
        emulators=expand("results/{{run}}/models/emulator_{arm}.npz", arm=ARMS),
        table="results/{run}/models/emulators.ecsv",
    log:
        "results/{run}/logs/gather_emulators.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        arms=ARMS,
        cfg=settings("run", *ENGINE_SETTINGS),
        code=code("emulators/gather_emulators"),
    shell:
        command("emulators/gather_emulators", "arms")
