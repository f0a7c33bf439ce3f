# Where, when and how fast the stars were ejected: one posterior over clusters, the disk's field, the
# Galactic centre, and not ejected at all [star]; hypotheses named beforehand [pair].
# REQUIRED INPUTS: the star list of the configuration, results/{run}/clusters.parquet,
#   resources/literature_hosts.ecsv
# OUTPUTS: results/{run}/models/ejection_sources.npz, stars/{star}/ejections.parquet,
#   ejection_sources.parquet, ejection_sites.parquet, ejections.parquet .ecsv, ejection_sources.ecsv,
#   pairs/{pair}/pair.parquet, pair_sites.parquet, cluster_path.parquet, pairs.ecsv; for each of
#   ejections.ensemble the first four below
#   variants/{variant}/; where ejections.calibrate is true calibration/planted.parquet,
#   calibration/planted/{part}/ejections.parquet, ejection_sources.parquet,
#   calibration/turned/{part}.parquet, calibration.ecsv, calibration_reliability.ecsv,
#   calibration_rates.ecsv, calibration_null.ecsv

GALAXY_SETTINGS = ["frame", *POTENTIAL_SETTINGS, "ejections.pattern"]
GALAXY_SETTINGS += ["ejections.bar", "ejections.spiral_arms", "ejections.look_back_max"]
GALAXY_SETTINGS += ["ejections.priors"]
EJECTION_SETTINGS = ["run", "seed", "distance", "errors", "orbits.age", *GALAXY_SETTINGS]
VARIANT_POTENTIAL = "results/{run}/variants/{variant}/models/potential.npz" if POTENTIAL else []
# whether or not they are among the clusters: what is missing is told
KNOWN_HOSTS = ours("resources/literature_hosts.ecsv")
STARS_AT_ONCE = 40  # planted stars, or stars on turned catalogues, that share one job
PLANTED = [str(i) for i in range(-(-config["ejections"]["calibration_stars"] // STARS_AT_ONCE))]
TURNED = [list(STARS)[i : i + STARS_AT_ONCE] for i in range(0, len(STARS), STARS_AT_ONCE)]
CALIBRATION = ["calibration.ecsv", "calibration_reliability.ecsv", "calibration_rates.ecsv"]
CALIBRATION += ["calibration_null.ecsv"]
PAIRS_NAMED = {layout.bodies_folder(pair): pair for pair in config["pairs"]}


rule trace_sources:
    input:
        clusters="results/{run}/clusters.parquet",
        potential=POTENTIAL,
    output:
        out="results/{run}/models/ejection_sources.npz",
    log:
        "results/{run}/logs/trace_sources.log",
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings("run", *GALAXY_SETTINGS),
        code=code("ejections/trace_sources"),
    shell:
        command("ejections/trace_sources")


rule fit_ejection:
    input:
        PRIOR,
        list=ancient(config["stars"]),
        predicted=predicted("masses_ages.parquet"),
        sources="results/{run}/models/ejection_sources.npz",
        hosts=KNOWN_HOSTS,
        potential=POTENTIAL,
    output:
        ejections="results/{run}/stars/{star}/ejections.parquet",
        listed="results/{run}/stars/{star}/ejection_sources.parquet",
        sites="results/{run}/stars/{star}/ejection_sites.parquet",
    log:
        "results/{run}/logs/fit_ejection/{star}.log",
    conda:
        "../envs/runaways.yaml"
    resources:
        mem_mb=memory(1000),  # the largest of 4500 stars, which met clusters millions of times
    params:
        options=options,
        names=names,
        rows=rows,
        cfg=settings(*EJECTION_SETTINGS, "ejections.kernels"),
        code=code("ejections/fit_ejection"),
    shell:
        command("ejections/fit_ejection", "names", "rows")


use rule tabulate_potential as tabulate_variant with:
    output:
        out="results/{run}/variants/{variant}/models/potential.npz",
    log:
        "results/{run}/logs/tabulate_variant/{variant}.log",
    params:
        options=options,
        cfg=of_variant("run", "frame", "orbits.potential", "orbits.rescale"),
        code=code("orbits/tabulate_potential"),


use rule trace_sources as trace_variant with:
    input:
        clusters="results/{run}/clusters.parquet",
        potential=VARIANT_POTENTIAL,
    output:
        out="results/{run}/variants/{variant}/models/ejection_sources.npz",
    log:
        "results/{run}/logs/trace_variant/{variant}.log",
    params:
        options=options,
        cfg=of_variant("run", *GALAXY_SETTINGS),
        code=code("ejections/trace_sources"),


use rule fit_ejection as fit_variant with:
    input:
        PRIOR,
        list=ancient(config["stars"]),
        predicted=predicted("masses_ages.parquet"),
        sources="results/{run}/variants/{variant}/models/ejection_sources.npz",
        hosts=KNOWN_HOSTS,
        potential=VARIANT_POTENTIAL,
    output:
        ejections="results/{run}/variants/{variant}/stars/{star}/ejections.parquet",
        listed="results/{run}/variants/{variant}/stars/{star}/ejection_sources.parquet",
        sites="results/{run}/variants/{variant}/stars/{star}/ejection_sites.parquet",
    log:
        "results/{run}/logs/fit_variant/{variant}/{star}.log",
    params:
        options=options,
        names=names,
        rows=rows,
        cfg=of_variant(*EJECTION_SETTINGS, "ejections.kernels"),
        code=code("ejections/fit_ejection"),


rule gather_ejections:
    input:
        expand("results/{{run}}/stars/{star}/ejections.parquet", star=BATCHES),
        expand("results/{{run}}/stars/{star}/ejection_sources.parquet", star=BATCHES),
        expand(
            "results/{{run}}/variants/{variant}/stars/{star}/ejections.parquet",
            variant=VARIANTS,
            star=BATCHES,
        ),
        stars="results/{run}/stars.parquet",
    output:
        ejections=expand("results/{{run}}/ejections.{suffix}", suffix=["parquet", "ecsv"]),
        ejection_sources="results/{run}/ejection_sources.ecsv",
    log:
        "results/{run}/logs/gather_ejections.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings("run"),
        code=code("ejections/gather_ejections"),
        stars_per_job=config["stars_per_job"],
        fitted_with=settings(*EJECTION_SETTINGS, "ejections.kernels"),
        fitted_by=code("ejections/fit_ejection"),
        variants=json.dumps(
            {
                name: hashes.canonical(variant, *EJECTION_SETTINGS, "ejections.kernels")
                for name, variant in VARIANTS.items()
            }
        ),
    shell:
        command(
            "ejections/gather_ejections",
            "--folder results/{wildcards.run}",
            "variants",
            "stars_per_job",
            "fitted_with",
            "fitted_by",
        )


rule match_bodies:
    input:
        PRIOR,
        list=ancient(config["stars"]),
        predicted=lambda wildcards: [
            path.format(run=RUN, star=folder)
            for path in [predicted("masses_ages.parquet")]
            for folder in folders(layout.bodies(PAIRS_NAMED[wildcards.pair]))
            if path
        ],
        sources="results/{run}/models/ejection_sources.npz",
        potential=POTENTIAL,
    output:
        pair="results/{run}/pairs/{pair}/pair.parquet",
        sites="results/{run}/pairs/{pair}/pair_sites.parquet",
        path="results/{run}/pairs/{pair}/cluster_path.parquet",
    log:
        "results/{run}/logs/match_bodies/{pair}.log",
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        names=lambda wildcards: layout.bodies(PAIRS_NAMED[wildcards.pair]),
        rows=lambda wildcards: [STARS[s] for s in layout.bodies(PAIRS_NAMED[wildcards.pair])],
        cluster=lambda wildcards: PAIRS_NAMED[wildcards.pair].get("cluster", ""),
        pulsar=lambda wildcards: PAIRS_NAMED[wildcards.pair].get("pulsar", ""),
        cfg=settings(*EJECTION_SETTINGS),
        code=code("ejections/match_bodies"),
    shell:
        command("ejections/match_bodies", "names", "rows", "cluster", "pulsar")


rule gather_pairs:
    input:
        pairs=expand("results/{{run}}/pairs/{pair}/pair.parquet", pair=PAIRS_NAMED),
    output:
        out="results/{run}/pairs.ecsv",
    log:
        "results/{run}/logs/gather_pairs.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings("run"),
        code=code("ejections/gather_pairs"),
    shell:
        command("ejections/gather_pairs")


rule draw_planted:
    input:
        PRIOR,
        stars="results/{run}/stars.parquet",
        predicted=predicted_of(BATCHES),
        sources="results/{run}/models/ejection_sources.npz",
        potential=POTENTIAL,
    output:
        out="results/{run}/calibration/planted.parquet",
    log:
        "results/{run}/logs/draw_planted.log",
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings(*EJECTION_SETTINGS, "ejections.calibration_stars"),
        code=code("ejections/draw_planted"),
    shell:
        command("ejections/draw_planted")


rule fit_planted:
    input:
        planted="results/{run}/calibration/planted.parquet",
        sources="results/{run}/models/ejection_sources.npz",
        potential=POTENTIAL,
    output:
        ejections="results/{run}/calibration/planted/{part}/ejections.parquet",
        listed="results/{run}/calibration/planted/{part}/ejection_sources.parquet",
    log:
        "results/{run}/logs/fit_planted/{part}.log",
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        first=lambda wildcards: int(wildcards.part) * STARS_AT_ONCE,
        stars=STARS_AT_ONCE,
        cfg=settings("run", "seed", *GALAXY_SETTINGS, "ejections.kernels"),
        code=code("ejections/fit_planted"),
    shell:
        command("ejections/fit_planted", "first", "stars")


rule fit_turned:
    input:
        PRIOR,
        list=ancient(config["stars"]),
        predicted=lambda wildcards: predicted_of(folders(TURNED[int(wildcards.part)])),
        sources="results/{run}/models/ejection_sources.npz",
        potential=POTENTIAL,
    output:
        out="results/{run}/calibration/turned/{part}.parquet",
    log:
        "results/{run}/logs/fit_turned/{part}.log",
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        names=lambda wildcards: TURNED[int(wildcards.part)],
        rows=lambda wildcards: [STARS[star] for star in TURNED[int(wildcards.part)]],
        cfg=settings(*EJECTION_SETTINGS, "ejections.kernels", "ejections.calibration_angles"),
        code=code("ejections/fit_turned"),
    shell:
        command("ejections/fit_turned", "names", "rows")


rule tabulate_calibration:
    input:
        planted="results/{run}/calibration/planted.parquet",
        posteriors=expand(
            "results/{{run}}/calibration/planted/{part}/ejections.parquet", part=PLANTED
        ),
        listed=expand(
            "results/{{run}}/calibration/planted/{part}/ejection_sources.parquet", part=PLANTED
        ),
        turned=expand("results/{{run}}/calibration/turned/{part}.parquet", part=range(len(TURNED))),
        ejections="results/{run}/ejections.parquet",
    output:
        calibration="results/{run}/calibration.ecsv",
        reliability="results/{run}/calibration_reliability.ecsv",
        rates="results/{run}/calibration_rates.ecsv",
        null="results/{run}/calibration_null.ecsv",
    log:
        "results/{run}/logs/tabulate_calibration.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings("run"),
        code=code("ejections/tabulate_calibration"),
    shell:
        command("ejections/tabulate_calibration")
