# The catalogue, its exports, and the scoreboard against the paper.
# REQUIRED INPUTS: results/{run}/stars.parquet, velocities.parquet, selection.parquet, bhb.parquet,
#   distance_checks.parquet, origins.parquet, labels.parquet, encounters.parquet,
#   best_clusters.parquet, stars/{star}/masses_ages.parquet, stars/{star}/disk.parquet, disk_curve.parquet
# OUTPUTS: results/{run}/catalogue.parquet .ecsv .vot .fits .mrt, failed.ecsv, scoreboard.ecsv,
#   scoreboard.html, run.yaml


rule tabulate_catalogue:
    input:
        stars="results/{run}/stars.parquet",
        velocities="results/{run}/velocities.parquet",
        labels="results/{run}/labels.parquet" if ARMS else [],
        selection="results/{run}/selection.parquet",
        bhb="results/{run}/bhb.parquet",
        distance_checks="results/{run}/distance_checks.parquet",
        origins="results/{run}/origins.parquet",
        prior=PRIOR,
        masses=expand("results/{{run}}/stars/{star}/masses_ages.parquet", star=BATCHES),
        disk=expand("results/{{run}}/stars/{star}/disk.parquet", star=BATCHES),
        curves=expand("results/{{run}}/stars/{star}/disk_curve.parquet", star=BATCHES),
        clusters="results/{run}/best_clusters.parquet",
    output:
        catalogue="results/{run}/catalogue.parquet",
        failed="results/{run}/failed.ecsv",
    log:
        "results/{run}/logs/tabulate_catalogue.log",
    benchmark:
        "results/{run}/benchmarks/tabulate_catalogue.tsv"
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        cfg=settings(
            "run", "seed", "frame", "distance", "errors", "labels.adopt", "orbits.age", "disk"
        ),
        code=code("products/tabulate_catalogue"),
        stars_per_job=config["stars_per_job"],
        disk_with=settings("run", "disk", "orbits.draws"),
        disk_by=code("orbits/classify_disk"),
        masses_by=code("masses_ages/predict_masses_ages"),
    shell:
        "python -m scripts.products.tabulate_catalogue --stars {input.stars} --velocities {input.velocities}"
        " --labels {input.labels}"
        " --folder results/{wildcards.run}/stars --stars-per-job {params.stars_per_job}"
        " --disk-with {params.disk_with:q} --disk-by {params.disk_by}"
        " --masses-by {params.masses_by} --selection {input.selection} --bhb {input.bhb}"
        " --distance-checks {input.distance_checks} --origins {input.origins}"
        " --clusters {input.clusters}"
        " --cfg {params.cfg:q} --code {params.code}"
        " --catalogue {output.catalogue} --failed {output.failed} > {log} 2>&1"


rule export_catalogue:
    input:
        "results/{run}/catalogue.parquet",
    output:
        expand("results/{{run}}/catalogue.{suffix}", suffix=["ecsv", "vot", "fits", "mrt"]),
    log:
        "results/{run}/logs/export_catalogue.log",
    benchmark:
        "results/{run}/benchmarks/export_catalogue.tsv"
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        code=code("products/export_catalogue"),
    shell:
        "python -m scripts.products.export_catalogue --catalogue {input} --out {output} > {log} 2>&1"


rule compare_paper:
    input:
        catalogue="results/{run}/catalogue.parquet",
        stars="results/{run}/stars.parquet",
        audit="results/{run}/audit.ecsv",
        hold_out="results/{run}/models/hold_out.ecsv",
        labels="results/{run}/labels.parquet" if ARMS else [],
        encounters="results/{run}/encounters.parquet",
        paper=config["paper"] or [],
    output:
        scoreboard="results/{run}/scoreboard.ecsv",
        page=report(
            "results/{run}/scoreboard.html",
            category="Scoreboard",
            caption="../workflow/report/scoreboard.rst",
        ),
    log:
        "results/{run}/logs/compare_paper.log",
    benchmark:
        "results/{run}/benchmarks/compare_paper.tsv"
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        cfg=settings("run", "seed", "frame", "disk", "selection", "spectra.lrs"),
        code=code("products/compare_paper"),
    shell:
        "python -m scripts.products.compare_paper --catalogue {input.catalogue} --stars {input.stars}"
        " --audit {input.audit} --hold-out {input.hold_out} --labels {input.labels}"
        " --encounters {input.encounters}"
        " --paper {input.paper} --cfg {params.cfg:q} --code {params.code}"
        " --scoreboard {output.scoreboard} --page {output.page} > {log} 2>&1"


rule tabulate_run:
    input:
        "results/{run}/catalogue.parquet",
    output:
        "results/{run}/run.yaml",
    log:
        "results/{run}/logs/tabulate_run.log",
    benchmark:
        "results/{run}/benchmarks/tabulate_run.tsv"
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        cfg=settings(*sorted(config)),
        code=code("products/tabulate_run"),
    shell:
        "python -m scripts.products.tabulate_run --catalogue {input} --cfg {params.cfg:q} --out {output}"
        " > {log} 2>&1"
