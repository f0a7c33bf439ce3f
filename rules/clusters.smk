# Catalogues of clusters, merged, and the orbits of all clusters once (Sect. 4.2).
# REQUIRED INPUTS: the cluster catalogues of the configuration
# OUTPUTS: results/{run}/clusters.parquet, clusters_left_out.ecsv, models/cluster_orbits.npy .npz

LIST_SETTINGS = ["catalogue", "literature_hosts", "cst_min", "cmd_class_min", "kinds"]
LIST_SETTINGS += ["group_length", "group_speed", "group_age_max"]
TRACE_SETTINGS = ["draws", "look_back_max", "rv_error_star"]


rule fetch_clusters:
    input:
        CLUSTERS,
        literature=LITERATURE_HOSTS,
    output:
        clusters="results/{run}/clusters.parquet",
        left_out="results/{run}/clusters_left_out.ecsv",
    log:
        "results/{run}/logs/fetch_clusters.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=cluster_settings("frame", names=LIST_SETTINGS),
        code=code("clusters/fetch_clusters"),
    shell:
        command("clusters/fetch_clusters")


rule trace_clusters:
    input:
        clusters="results/{run}/clusters.parquet",
        potential=POTENTIAL,
    output:
        "results/{run}/models/cluster_orbits.npz",
        orbits="results/{run}/models/cluster_orbits.npy",
    log:
        "results/{run}/logs/trace_clusters.log",
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=cluster_settings("seed", "frame", *POTENTIAL_SETTINGS, names=TRACE_SETTINGS),
        code=code("clusters/trace_clusters"),
    shell:
        command("clusters/trace_clusters")
