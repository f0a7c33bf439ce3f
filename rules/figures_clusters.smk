# Figures of encounters with clusters: 6 and 7 of the paper (Sect. 4.2), and all pairs against chance.
# REQUIRED INPUTS: results/{run}/encounters.parquet, best_clusters.parquet, stars/{star}/orbit.parquet,
#   stars/{star}/pairs/{cluster}/closest_approaches.parquet, cluster_path.parquet
# OUTPUTS: results/{run}/figures/figure_6, figure_7, encounters .pdf .png

FIG_6, FIG_7 = pair_of("figure_6"), pair_of("figure_7")


rule plot_figure_6:
    input:
        orbit=expand("results/{{run}}/stars/{star}/orbit.parquet", star=FIG_6["folder"]),
        hits=expand("results/{{run}}/stars/{pair}/closest_approaches.parquet", pair=FIG_6["pair"]),
        path=expand("results/{{run}}/stars/{pair}/cluster_path.parquet", pair=FIG_6["pair"]),
        encounters="results/{run}/encounters.parquet",
        style="workflow/runaways/paper.mplstyle",
    output:
        pdf="results/{run}/figures/figure_6.pdf",
        png=report(
            "results/{run}/figures/figure_6.png",
            category="Figures",
            caption="../workflow/report/figure_6.rst",
        ),
    log:
        "results/{run}/logs/plot_figure_6.log",
    benchmark:
        "results/{run}/benchmarks/plot_figure_6.tsv"
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        star=FIG_6["star"],
        cfg=cluster_settings("frame", names=["radius"]),
        code=code("plot_figure_6"),
    shell:
        "python -m scripts.plot_figure_6 --star {params.star} --orbit {input.orbit}"
        " --path {input.path:q} --hits {input.hits:q} --encounters {input.encounters}"
        " --style {input.style} --cfg {params.cfg:q} --code {params.code} --out {output}"
        " > {log} 2>&1"


rule plot_figure_7:
    input:
        orbit=expand("results/{{run}}/stars/{star}/orbit.parquet", star=FIG_7["folder"]),
        hits=expand("results/{{run}}/stars/{pair}/closest_approaches.parquet", pair=FIG_7["pair"]),
        path=expand("results/{{run}}/stars/{pair}/cluster_path.parquet", pair=FIG_7["pair"]),
        encounters="results/{run}/encounters.parquet",
        style="workflow/runaways/paper.mplstyle",
    output:
        pdf="results/{run}/figures/figure_7.pdf",
        png=report(
            "results/{run}/figures/figure_7.png",
            category="Figures",
            caption="../workflow/report/figure_7.rst",
        ),
    log:
        "results/{run}/logs/plot_figure_7.log",
    benchmark:
        "results/{run}/benchmarks/plot_figure_7.tsv"
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        star=FIG_7["star"],
        cfg=cluster_settings("frame", names=["radius"]),
        code=code("plot_figure_7"),
    shell:
        "python -m scripts.plot_figure_7 --star {params.star} --orbit {input.orbit}"
        " --path {input.path:q} --hits {input.hits:q} --encounters {input.encounters}"
        " --style {input.style} --cfg {params.cfg:q} --code {params.code} --out {output}"
        " > {log} 2>&1"


rule plot_encounters:
    input:
        encounters="results/{run}/encounters.parquet",
        best="results/{run}/best_clusters.parquet",
        style="workflow/runaways/paper.mplstyle",
    output:
        pdf="results/{run}/figures/encounters.pdf",
        png=report(
            "results/{run}/figures/encounters.png",
            category="Figures",
            caption="../workflow/report/encounters.rst",
        ),
    log:
        "results/{run}/logs/plot_encounters.log",
    benchmark:
        "results/{run}/benchmarks/plot_encounters.tsv"
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        cfg=settings("run"),
        code=code("plot_encounters"),
    shell:
        "python -m scripts.plot_encounters --encounters {input.encounters} --best {input.best}"
        " --style {input.style} --cfg {params.cfg:q} --code {params.code} --out {output}"
        " > {log} 2>&1"
