# The report: the answer first, a page for each star, one file that needs nothing else.
# REQUIRED INPUTS: results/{run}/catalogue.parquet, ejection_sources.ecsv, encounters.parquet,
#   models/tracks.parquet, figures/*.png, scoreboard.ecsv and audit.ecsv where a paper is named,
#   stars/{star}/best_fits.parquet, orbit.parquet, birthplaces/{chunk}.parquet, ejection_sites.parquet
# OUTPUTS: results/{run}/origins.html


rule export_report:
    input:
        expand("results/{{run}}/stars/{star}/best_fits.parquet", star=BATCHES if ARMS else []),
        expand("results/{{run}}/stars/{star}/orbit.parquet", star=BATCHES),
        expand(
            "results/{{run}}/stars/{star}/birthplaces/{chunk}.parquet",
            star=BATCHES,
            chunk=CHUNKS[:1],
        ),
        expand("results/{{run}}/stars/{star}/ejection_sites.parquet", star=BATCHES),
        template=ours("workflow/report/origins.html.j2"),
        catalogue="results/{run}/catalogue.parquet",
        sources="results/{run}/ejection_sources.ecsv",
        encounters="results/{run}/encounters.parquet",
        tracks="results/{run}/models/tracks.parquet",
        figures=expand("results/{{run}}/figures/{figure}.png", figure=FIGURES),
        captions=[ours(f"workflow/report/{CAPTIONS.get(name, name)}.rst") for name in FIGURES],
        board="results/{run}/scoreboard.ecsv" if config["paper"] else [],
        audit="results/{run}/audit.ecsv" if config["paper"] else [],
        style=STYLE,
    output:
        out="results/{run}/origins.html",
    log:
        "results/{run}/logs/export_report.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings(*sorted(config)),
        code=code("report/export_report"),
        stars_per_job=config["stars_per_job"],
        chunk=CHUNKS[0],
    shell:
        command(
            "report/export_report",
            "--folder results/{wildcards.run}/stars",
            "stars_per_job",
            "chunk",
        )
