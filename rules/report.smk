# The report: the answer first, a page for each star, one file that needs nothing else.
# REQUIRED INPUTS: results/{run}/catalogue.parquet, ejection_sources.ecsv, encounters.parquet,
#   models/tracks.parquet, figures/*.png, scoreboard.ecsv and audit.ecsv where a paper is named,
#   stars/{star}/best_fits.parquet, orbit.parquet, birthplaces/{chunk}.parquet, ejection_sites.parquet
# OUTPUTS: results/{run}/origins.html, ro-crate-metadata.json

# what people bring, or the project itself: a run knows these by their checksums
INPUT_FILES = [config["stars"], *TRACKS, *GRID, *CLUSTERS, *LITERATURE_HOSTS, KNOWN_HOSTS]
INPUT_FILES += [entry["file"] for entry in config["bhb"]["catalogues"]]
INPUT_FILES += [config["paper"], config["labels"]["lte_catalogue"], config["distance"]["prior"]]
INPUT_FILES += [config["figures"]["figure_1"]]
INPUT_FILES += [ours("resources/mk_standards_equivalent_widths.ecsv")] if ARMS else []
INPUT_FILES = list(dict.fromkeys(filter(None, INPUT_FILES)))

# the products that are of no one star
PRODUCTS = expand(
    "results/{run}/{product}",
    run=RUN,
    product=[
        "audit.ecsv",
        "audit.html",
        "catalogue.ecsv",
        "catalogue.parquet",
        "catalogue.vot",
        "catalogue.fits",
        "catalogue.mrt",
        "catalogue.tex",
        "cds/ReadMe",
        "cds/catalogue.dat",
        "failed.ecsv",
        "encounters.ecsv",
        "ejections.ecsv",
        "ejection_sources.ecsv",
        "origin_fractions.ecsv",
        *(["pairs.ecsv"] if config["pairs"] else []),
        *(CALIBRATION if config["ejections"]["calibrate"] else []),
        "best_clusters.parquet",
        "clusters_left_out.ecsv",
        "scoreboard.ecsv",
        "scoreboard.html",
        "run.yaml",
        "references.bib",
        "origins.html",
        *HOLD_OUT,
        *SPECTRA_PRODUCTS,
        "velocity_fits.ecsv",
        *RUN_PRODUCTS,
    ],
)
PRODUCTS += expand(
    "results/{run}/figures/{figure}.{suffix}", run=RUN, figure=FIGURES, suffix=["pdf", "png"]
)
PRODUCTS += expand(
    "results/{run}/pairs/{pair}/pair.{suffix}", run=RUN, pair=PAIRS_NAMED, suffix=["pdf", "png"]
)


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


rule export_crate:
    input:
        inputs=INPUT_FILES,
        files=expand("results/{{run}}/{name}", name=SPECTRA_PRODUCTS[2:]),
        record="results/{run}/run.yaml",
        tool=ours("CITATION.cff"),
        products=PRODUCTS,
    output:
        out="results/{run}/ro-crate-metadata.json",
    log:
        "results/{run}/logs/export_crate.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings("run"),
        code=code("report/export_crate"),
    shell:
        command("report/export_crate")
