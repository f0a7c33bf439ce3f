# Encounters with clusters (Sect. 4.2): orbits of all clusters once, each star's draws held against
# them [star], verdicts on all pairs.
# REQUIRED INPUTS: the cluster catalogues of the configuration, results/{run}/stars.parquet,
#   velocities.parquet, stars/{star}/paths/{chunk}.parquet, pairs/{cluster}/closest_approaches.parquet
# OUTPUTS: results/{run}/clusters.parquet, clusters_left_out.ecsv, models/cluster_orbits.npy .npz,
#   stars/{star}/closest_approaches.parquet, chance_encounters.parquet, encounter_search.parquet,
#   encounters.parquet .ecsv, best_clusters.parquet

SEARCH_SETTINGS = ["search_radius", "azimuth_window", "null_rotations"]
VERDICT_SETTINGS = ["radius", "search_radius", "fdr", "p_encounter_min", "ejection_velocity_max"]
VERDICT_SETTINGS += ["mh_sigma_max", "reach_max", "possible_min"]


rule fetch_clusters:
    input:
        CLUSTERS,
    output:
        clusters="results/{run}/clusters.parquet",
        left_out="results/{run}/clusters_left_out.ecsv",
    log:
        "results/{run}/logs/fetch_clusters.log",
    benchmark:
        "results/{run}/benchmarks/fetch_clusters.tsv"
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        cfg=cluster_settings(names=["catalogue", "cst_min", "cmd_class_min", "kinds"]),
        code=code("fetch_clusters"),
    shell:
        "python -m scripts.fetch_clusters --cfg {params.cfg:q} --code {params.code}"
        " --clusters {output.clusters} --left-out {output.left_out} > {log} 2>&1"


rule trace_clusters:
    input:
        "results/{run}/clusters.parquet",
    output:
        orbits="results/{run}/models/cluster_orbits.npy",
        rest="results/{run}/models/cluster_orbits.npz",
    log:
        "results/{run}/logs/trace_clusters.log",
    benchmark:
        "results/{run}/benchmarks/trace_clusters.tsv"
    conda:
        "../envs/runaways.yaml"
    params:
        cfg=cluster_settings("seed", "frame", "orbits.potential", names=["draws", "look_back_max"]),
        code=code("trace_clusters"),
    shell:
        "python -m scripts.trace_clusters --clusters {input} --cfg {params.cfg:q}"
        " --code {params.code} --out {output.orbits} > {log} 2>&1"


rule match_clusters:
    input:
        paths=expand("results/{{run}}/stars/{{star}}/paths/{chunk}.parquet", chunk=CHUNKS),
        orbits="results/{run}/models/cluster_orbits.npy",
        rest="results/{run}/models/cluster_orbits.npz",
    output:
        hits="results/{run}/stars/{star}/closest_approaches.parquet",
        chance="results/{run}/stars/{star}/chance_encounters.parquet",
        search="results/{run}/stars/{star}/encounter_search.parquet",
    log:
        "results/{run}/logs/match_clusters/{star}.log",
    benchmark:
        "results/{run}/benchmarks/match_clusters/{star}.tsv"
    conda:
        "../envs/runaways.yaml"
    params:
        names=names,
        cfg=cluster_settings("seed", "orbits.draws", names=SEARCH_SETTINGS),
        code=code("match_clusters"),
        drawn_with=settings(*ORBIT_SETTINGS),
        drawn_by=code("draw_birthplaces"),
    shell:
        "python -m scripts.match_clusters --paths {input.paths} --orbits {input.orbits}"
        " --names {params.names} --drawn-with {params.drawn_with:q} --drawn-by {params.drawn_by}"
        " --cfg {params.cfg:q} --code {params.code} --hits {output.hits} --chance {output.chance}"
        " --search {output.search} > {log} 2>&1"


rule tabulate_encounters:
    input:
        stars="results/{run}/stars.parquet",
        velocities="results/{run}/velocities.parquet",
        clusters="results/{run}/clusters.parquet",
        labels="results/{run}/labels.parquet" if ADOPT_MEASURED else [],
        prior=PRIOR,
        matches=expand("results/{{run}}/stars/{star}/encounter_search.parquet", star=BATCHES),
        pairs=lambda wildcards: expand(
            "results/{run}/stars/{pair}/closest_approaches.parquet", run=RUN, pair=PAIR_FOLDERS
        ),
    output:
        encounters="results/{run}/encounters.parquet",
        ecsv="results/{run}/encounters.ecsv",
        best="results/{run}/best_clusters.parquet",
    log:
        "results/{run}/logs/tabulate_encounters.log",
    benchmark:
        "results/{run}/benchmarks/tabulate_encounters.tsv"
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        cfg=cluster_settings("frame", "distance", "errors", "orbits.age", names=VERDICT_SETTINGS),
        code=code("tabulate_encounters"),
        stars_per_job=config["stars_per_job"],
        matched_with=cluster_settings("seed", "orbits.draws", names=SEARCH_SETTINGS),
        matched_by=code("match_clusters"),
    shell:
        "python -m scripts.tabulate_encounters --stars {input.stars} --velocities {input.velocities}"
        " --clusters {input.clusters} --labels {input.labels} --folder results/{wildcards.run}/stars"
        " --stars-per-job {params.stars_per_job} --pairs {input.pairs:q}"
        " --matched-with {params.matched_with:q} --matched-by {params.matched_by}"
        " --cfg {params.cfg:q} --code {params.code} --encounters {output.encounters}"
        " --ecsv {output.ecsv} --best {output.best} > {log} 2>&1"
