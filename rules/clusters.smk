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
    benchmark:
        "results/{run}/benchmarks/fetch_clusters.tsv"
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        cfg=cluster_settings("frame", names=LIST_SETTINGS),
        code=code("clusters/fetch_clusters"),
    shell:
        "python -m scripts.clusters.fetch_clusters --cfg {params.cfg:q} --code {params.code}"
        " --literature {input.literature} --clusters {output.clusters} --left-out {output.left_out} > {log} 2>&1"


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
        cfg=cluster_settings("seed", "frame", "orbits.potential", names=TRACE_SETTINGS),
        code=code("clusters/trace_clusters"),
    shell:
        "python -m scripts.clusters.trace_clusters --clusters {input} --cfg {params.cfg:q}"
        " --code {params.code} --out {output.orbits} > {log} 2>&1"
