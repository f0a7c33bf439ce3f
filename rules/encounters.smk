# Encounters of stars with clusters (Sect. 4.2): each star's draws held against all clusters [star],
# any star with any cluster however far, verdicts on all pairs.
# REQUIRED INPUTS: the star list of the configuration, models/potential.npz, cluster_orbits.npy .npz, clusters.parquet,
#   stars.parquet, velocities.parquet, labels.parquet, variants/{variant}/stars/{star}/ejection_sources.parquet
# OUTPUTS: results/{run}/stars/{star}/closest_approaches.parquet, chance_encounters.parquet,
#   encounter_search.parquet, stars/{star}/pairs/{cluster}/closest_approaches.parquet, cluster_path.parquet,
#   encounters.parquet .ecsv, best_clusters.parquet

SEARCH_SETTINGS = ["search_radius", "azimuth_window", "null_rotations"]
# the draws are traced again: that costs less than keeping their orbits
DRAWN = [*ORBIT_SETTINGS, "orbits.draws"]
VERDICT_SETTINGS = ["radius", "search_radius", "fdr", "p_encounter_min", "ejection_velocity_max"]
VERDICT_SETTINGS += ["mh_sigma_max", "reach_max", "possible_min"]

# pairs that get a verdict even if no draw meets: those of Figs. 6 and 7
PAIRS = [pair for pair in map(config["figures"].get, ["figure_6", "figure_7"]) if pair]
PAIR_FOLDERS = list(dict.fromkeys(map(layout.pair_folder, PAIRS)))


rule match_clusters:
    input:
        PRIOR,
        "results/{run}/models/cluster_orbits.npz",
        potential=POTENTIAL,
        list=ancient(config["stars"]),
        predicted=predicted("masses_ages.parquet"),
        ages=lambda wildcards: ages_of([wildcards.star]),
        orbits="results/{run}/models/cluster_orbits.npy",
    output:
        hits="results/{run}/stars/{star}/closest_approaches.parquet",
        chance="results/{run}/stars/{star}/chance_encounters.parquet",
        search="results/{run}/stars/{star}/encounter_search.parquet",
    log:
        "results/{run}/logs/match_clusters/{star}.log",
    conda:
        "../envs/runaways.yaml"
    resources:
        mem_mb=memory(star=15),
    params:
        options=options,
        names=names,
        rows=rows,
        cfg=cluster_settings(*DRAWN, names=SEARCH_SETTINGS),
        code=code("encounters/match_clusters"),
    shell:
        command("encounters/match_clusters", "names", "rows")


rule match_pair:
    input:
        PRIOR,
        "results/{run}/models/cluster_orbits.npz",
        potential=POTENTIAL,
        list=ancient(config["stars"]),
        predicted=lambda wildcards: predicted_of(folders([wildcards.star])),
        ages=lambda wildcards: ages_of(folders([wildcards.star])),
        orbits="results/{run}/models/cluster_orbits.npy",
        clusters="results/{run}/clusters.parquet",
    output:
        hits="results/{run}/stars/{star}/pairs/{cluster}/closest_approaches.parquet",
        path="results/{run}/stars/{star}/pairs/{cluster}/cluster_path.parquet",
    log:
        "results/{run}/logs/match_pair/{star}/{cluster}.log",
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        names=lambda wildcards: wildcards.star,
        rows=lambda wildcards: STARS[wildcards.star],
        cfg=settings(*DRAWN),
        code=code("encounters/match_pair"),
    shell:
        command("encounters/match_pair", "names", "rows", "--cluster {wildcards.cluster:q}")


rule tabulate_encounters:
    input:
        PRIOR,
        expand("results/{{run}}/stars/{star}/encounter_search.parquet", star=BATCHES),
        stars="results/{run}/stars.parquet",
        velocities="results/{run}/velocities.parquet",
        clusters="results/{run}/clusters.parquet",
        labels="results/{run}/labels.parquet" if ADOPT_MEASURED else [],
        pairs=lambda wildcards: expand(
            "results/{run}/stars/{pair}/closest_approaches.parquet", run=RUN, pair=PAIR_FOLDERS
        ),
        # a pair that another frame or potential allows is not impossible
        elsewhere=expand(
            "results/{{run}}/variants/{variant}/stars/{star}/ejection_sources.parquet",
            variant=VARIANTS,
            star=BATCHES,
        ),
    output:
        encounters="results/{run}/encounters.parquet",
        ecsv="results/{run}/encounters.ecsv",
        best="results/{run}/best_clusters.parquet",
    log:
        "results/{run}/logs/tabulate_encounters.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=cluster_settings("frame", "distance", "errors", "orbits.age", names=VERDICT_SETTINGS),
        code=code("encounters/tabulate_encounters"),
        stars_per_job=config["stars_per_job"],
        matched_with=cluster_settings(*DRAWN, names=SEARCH_SETTINGS),
        matched_by=code("encounters/match_clusters"),
    shell:
        command(
            "encounters/tabulate_encounters",
            "--folder results/{wildcards.run}/stars",
            "stars_per_job",
            "matched_with",
            "matched_by",
        )
