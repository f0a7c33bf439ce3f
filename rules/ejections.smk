# Where, when and how fast the stars were ejected: one posterior over clusters, the disk's field, the
# Galactic centre, and not ejected at all [star]; hypotheses named beforehand [pair].
# REQUIRED INPUTS: the star list of the configuration, results/{run}/clusters.parquet,
#   resources/literature_hosts.ecsv
# OUTPUTS: results/{run}/models/ejection_sources.npz, stars/{star}/ejections.parquet,
#   ejection_sources.parquet, ejection_sites.parquet, ejections.parquet .ecsv, ejection_sources.ecsv,
#   pairs/{pair}/pair.parquet, pair_sites.parquet, cluster_path.parquet, pairs.ecsv

GALAXY_SETTINGS = ["frame", "orbits.potential", "ejections.look_back_max", "ejections.priors"]
EJECTION_SETTINGS = ["run", "seed", "distance", "errors", "orbits.age", *GALAXY_SETTINGS]
# whether or not they are among the clusters: what is missing is told
KNOWN_HOSTS = ours("resources/literature_hosts.ecsv")
PAIRS_NAMED = {layout.bodies_folder(pair): pair for pair in config["pairs"]}


rule trace_sources:
    input:
        clusters="results/{run}/clusters.parquet",
    output:
        out="results/{run}/models/ejection_sources.npz",
    log:
        "results/{run}/logs/trace_sources.log",
    benchmark:
        "results/{run}/benchmarks/trace_sources.tsv"
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
    output:
        ejections="results/{run}/stars/{star}/ejections.parquet",
        listed="results/{run}/stars/{star}/ejection_sources.parquet",
        sites="results/{run}/stars/{star}/ejection_sites.parquet",
    log:
        "results/{run}/logs/fit_ejection/{star}.log",
    benchmark:
        "results/{run}/benchmarks/fit_ejection/{star}.tsv"
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        names=names,
        rows=rows,
        cfg=settings(*EJECTION_SETTINGS, "ejections.kernels"),
        code=code("ejections/fit_ejection"),
    shell:
        command("ejections/fit_ejection", "names")


rule gather_ejections:
    input:
        expand("results/{{run}}/stars/{star}/ejections.parquet", star=BATCHES),
        expand("results/{{run}}/stars/{star}/ejection_sources.parquet", star=BATCHES),
        stars="results/{run}/stars.parquet",
    output:
        ejections=expand("results/{{run}}/ejections.{suffix}", suffix=["parquet", "ecsv"]),
        ejection_sources="results/{run}/ejection_sources.ecsv",
    log:
        "results/{run}/logs/gather_ejections.log",
    benchmark:
        "results/{run}/benchmarks/gather_ejections.tsv"
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
    shell:
        command(
            "ejections/gather_ejections",
            "--folder results/{wildcards.run}/stars",
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
    output:
        pair="results/{run}/pairs/{pair}/pair.parquet",
        sites="results/{run}/pairs/{pair}/pair_sites.parquet",
        path="results/{run}/pairs/{pair}/cluster_path.parquet",
    log:
        "results/{run}/logs/match_bodies/{pair}.log",
    benchmark:
        "results/{run}/benchmarks/match_bodies/{pair}.tsv"
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
        command("ejections/match_bodies", "names", "cluster", "pulsar")


rule gather_pairs:
    input:
        pairs=expand("results/{{run}}/pairs/{pair}/pair.parquet", pair=PAIRS_NAMED),
    output:
        out="results/{run}/pairs.ecsv",
    log:
        "results/{run}/logs/gather_pairs.log",
    benchmark:
        "results/{run}/benchmarks/gather_pairs.tsv"
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings("run"),
        code=code("ejections/gather_pairs"),
    shell:
        command("ejections/gather_pairs")
