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
        PRODUCTS,
        f"results/{RUN}/ro-crate-metadata.json",
        expand(
            "results/{run}/stars/{star}/{product}.parquet",
            run=RUN,
            star=BATCHES,
            product=STAR_PRODUCTS,
        ),
        expand("results/{run}/stars/{star}/stand_in_spectra", run=RUN, star=STAND_INS),
