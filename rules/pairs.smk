# Any star with any cluster: closest approach of every draw, however far, and its figure (Sect. 4.2).
# REQUIRED INPUTS: stars/{star}/paths/{chunk}.parquet, orbit.parquet, results/{run}/clusters.parquet,
#   models/cluster_orbits.npy .npz, encounters.parquet, workflow/runaways/paper.mplstyle
# OUTPUTS: results/{run}/stars/{star}/pairs/{cluster}/closest_approaches.parquet,
#   cluster_path.parquet, encounter.pdf .png

# pairs that get a verdict even if no draw meets: those of Figs. 6 and 7
PAIRS = [pair for pair in map(config["figures"].get, ["figure_6", "figure_7"]) if pair]
PAIR_FOLDERS = list(dict.fromkeys(map(layout.pair_folder, PAIRS)))


rule match_pair:
    input:
        paths=lambda wildcards: expand(
            "results/{run}/stars/{star}/paths/{chunk}.parquet",
            run=RUN,
            star=folders([wildcards.star]),
            chunk=CHUNKS,
        ),
        orbits="results/{run}/models/cluster_orbits.npy",
        rest="results/{run}/models/cluster_orbits.npz",
        clusters="results/{run}/clusters.parquet",
    output:
        hits="results/{run}/stars/{star}/pairs/{cluster}/closest_approaches.parquet",
        path="results/{run}/stars/{star}/pairs/{cluster}/cluster_path.parquet",
    log:
        "results/{run}/logs/match_pair/{star}/{cluster}.log",
    benchmark:
        "results/{run}/benchmarks/match_pair/{star}/{cluster}.tsv"
    conda:
        "../envs/runaways.yaml"
    params:
        cfg=settings("run", "orbits.draws"),
        code=code("match_pair"),
        drawn_with=settings(*ORBIT_SETTINGS),
        drawn_by=code("draw_birthplaces"),
    shell:
        "python -m scripts.match_pair --paths {input.paths} --orbits {input.orbits}"
        " --clusters {input.clusters} --name {wildcards.star} --cluster {wildcards.cluster:q}"
        " --drawn-with {params.drawn_with:q} --drawn-by {params.drawn_by}"
        " --cfg {params.cfg:q} --code {params.code} --hits {output.hits:q} --path {output.path:q}"
        " > {log:q} 2>&1"


rule plot_pair:
    input:
        orbit=lambda wildcards: expand(
            "results/{run}/stars/{star}/orbit.parquet",
            run=RUN,
            star=folders([wildcards.star]),
        ),
        hits="results/{run}/stars/{star}/pairs/{cluster}/closest_approaches.parquet",
        path="results/{run}/stars/{star}/pairs/{cluster}/cluster_path.parquet",
        encounters="results/{run}/encounters.parquet",
        style="workflow/runaways/paper.mplstyle",
    output:
        pdf="results/{run}/stars/{star}/pairs/{cluster}/encounter.pdf",
        png=report(
            "results/{run}/stars/{star}/pairs/{cluster}/encounter.png",
            category="Figures",
            caption="../workflow/report/pair.rst",
        ),
    log:
        "results/{run}/logs/plot_pair/{star}/{cluster}.log",
    benchmark:
        "results/{run}/benchmarks/plot_pair/{star}/{cluster}.tsv"
    conda:
        "../envs/runaways.yaml"
    params:
        cfg=cluster_settings("frame", names=["radius"]),
        code=code("plot_pair"),
    shell:
        "python -m scripts.plot_pair --star {wildcards.star} --orbit {input.orbit}"
        " --path {input.path:q} --hits {input.hits:q} --encounters {input.encounters}"
        " --style {input.style} --cfg {params.cfg:q} --code {params.code} --out {output:q}"
        " > {log:q} 2>&1"
