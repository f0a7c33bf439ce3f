# Where do runaway stars come from? One run of this workflow: config/config.yaml.
from snakemake.utils import min_version

min_version("9.13")


include: "rules/project.smk"


# a configuration of one's own stands alone: nothing of the paper's leaks into it
if not workflow.overwrite_configfiles:

    configfile: mine_or_ours("config/config.yaml")


report: "workflow/report/workflow.rst"


include: "rules/common.smk"
include: "rules/stars.smk"
include: "rules/audit.smk"
include: "rules/selection.smk"
include: "rules/spectra.smk"
include: "rules/emulators.smk"
include: "rules/subtypes.smk"
include: "rules/labels.smk"
include: "rules/masses_ages.smk"
include: "rules/orbits.smk"
include: "rules/clusters.smk"
include: "rules/encounters.smk"
include: "rules/ejections.smk"
include: "rules/origins.smk"
include: "rules/products.smk"
include: "rules/drawing.smk"
include: "rules/figures.smk"
include: "rules/report.smk"


rule all:
    default_target: True
    input:
        expand(
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
        ),
        expand(
            "results/{run}/stars/{star}/{product}.parquet",
            run=RUN,
            star=BATCHES,
            product=STAR_PRODUCTS,
        ),
        expand("results/{run}/stars/{star}/stand_in_spectra", run=RUN, star=STAND_INS),
        expand(
            "results/{run}/figures/{figure}.{suffix}",
            run=RUN,
            figure=FIGURES,
            suffix=["pdf", "png"],
        ),
        expand(
            "results/{run}/pairs/{pair}/pair.{suffix}",
            run=RUN,
            pair=PAIRS_NAMED,
            suffix=["pdf", "png"],
        ),
