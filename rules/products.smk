# The catalogue, its exports, and the scoreboard against the paper.
# REQUIRED INPUTS: results/{run}/stars.parquet, velocities.parquet, selection.parquet, bhb.parquet,
#   distance_checks.parquet, old_stars.parquet, origins.parquet, labels.parquet, encounters.parquet,
#   best_clusters.parquet, ejections.parquet, ejection_sources.ecsv, origin_fractions.ecsv, stars/{star}/masses_ages.parquet,
#   disk.parquet, disk_curve.parquet
# OUTPUTS: results/{run}/catalogue.parquet .ecsv .vot .fits .mrt .tex, cds/ReadMe, cds/catalogue.dat,
#   failed.ecsv, scoreboard.ecsv, scoreboard.html, run.yaml, references.bib


rule tabulate_catalogue:
    input:
        PRIOR,
        expand("results/{{run}}/stars/{star}/masses_ages.parquet", star=BATCHES),
        expand("results/{{run}}/stars/{star}/disk.parquet", star=BATCHES),
        expand("results/{{run}}/stars/{star}/disk_curve.parquet", star=BATCHES),
        stars="results/{run}/stars.parquet",
        velocities="results/{run}/velocities.parquet",
        labels="results/{run}/labels.parquet" if ARMS else [],
        selection="results/{run}/selection.parquet",
        bhb="results/{run}/bhb.parquet",
        distance_checks="results/{run}/distance_checks.parquet",
        old_stars="results/{run}/old_stars.parquet",
        origins="results/{run}/origins.parquet",
        clusters="results/{run}/best_clusters.parquet",
        ejections="results/{run}/ejections.parquet",
    output:
        catalogue="results/{run}/catalogue.parquet",
        failed="results/{run}/failed.ecsv",
    log:
        "results/{run}/logs/tabulate_catalogue.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings(
            "run", "seed", "frame", "distance", "errors", "labels.adopt", "orbits.age", "disk"
        ),
        code=code("products/tabulate_catalogue"),
        stars_per_job=config["stars_per_job"],
        disk_with=settings("run", "disk", "orbits.draws"),
        disk_by=code("orbits/classify_disk"),
        masses_by=code("masses_ages/predict_masses_ages"),
    shell:
        command(
            "products/tabulate_catalogue",
            "--folder results/{wildcards.run}/stars",
            "stars_per_job",
            "disk_with",
            "disk_by",
            "masses_by",
        )


rule export_catalogue:
    input:
        catalogue="results/{run}/catalogue.parquet",
    output:
        "results/{run}/cds/catalogue.dat",
        out=expand("results/{{run}}/catalogue.{suffix}", suffix=["ecsv", "vot", "fits", "mrt"]),
        latex="results/{run}/catalogue.tex",
        readme="results/{run}/cds/ReadMe",
    log:
        "results/{run}/logs/export_catalogue.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings(),
        code=code("products/export_catalogue"),
    shell:
        command("products/export_catalogue")


rule compare_paper:
    input:
        catalogue="results/{run}/catalogue.parquet",
        stars="results/{run}/stars.parquet",
        audit="results/{run}/audit.ecsv",
        hold_out=expand("results/{{run}}/{name}", name=HOLD_OUT),
        labels="results/{run}/labels.parquet" if ARMS else [],
        encounters="results/{run}/encounters.parquet",
        ejections="results/{run}/ejection_sources.ecsv",
        fractions="results/{run}/origin_fractions.ecsv",
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
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings("run", "seed", "frame", "disk", "selection", "spectra.lrs"),
        code=code("products/compare_paper"),
    shell:
        command("products/compare_paper")


rule tabulate_run:
    input:
        catalogue="results/{run}/catalogue.parquet",
        clusters="results/{run}/clusters.parquet",
        entries=ours("resources/references.bib"),
    output:
        out="results/{run}/run.yaml",
        references="results/{run}/references.bib",
    log:
        "results/{run}/logs/tabulate_run.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings(*sorted(config)),
        code=code("products/tabulate_run"),
        note=VERSIONS_NOTE,
        list_note=LIST_NOTE,
    shell:
        command("products/tabulate_run", "note", "list_note")
