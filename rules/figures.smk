# Figures: 1, 3, 4, 5 and 8 of the paper (Sect. 2, 3.3, 4.1, 4.3), velocities, masses and ages, the origin in the disk
# beside chance, and the orbit of any star on demand.
# REQUIRED INPUTS: results/{run}/catalogue.parquet, stars.parquet, velocity_fits.ecsv, selection.parquet, origins.parquet,
#   origin_posterior.parquet, models/binary_companions.parquet,
#   models/tracks.parquet, stars/{star}/orbit.parquet, pairs/{pair}/pair.parquet, pair_sites.parquet, cluster_path.parquet,
#   stars/{star}/birthplaces/{chunk}.parquet, workflow/runaways/figures/paper.mplstyle
# OUTPUTS: results/{run}/figures/figure_1, velocities, figure_3, masses_ages, figure_4, figure_5, figure_8, disk_origin, channels .pdf .png,
#   stars/{star}/orbit.pdf .png, pairs/{pair}/pair.pdf .png, where ejections.calibrate is true
#   figures/calibration .pdf .png


rule plot_figure_1:
    input:
        config["figures"]["figure_1"] or [],
        catalogue="results/{run}/catalogue.parquet",
        style=STYLE,
    output:
        out=drawn("results/{run}/figures/figure_1"),
    log:
        "results/{run}/logs/plot_figure_1.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings("run", "figures.figure_1"),
        code=code("figures/plot_figure_1"),
    shell:
        command("figures/plot_figure_1")


rule plot_velocities:
    input:
        catalogue="results/{run}/catalogue.parquet",
        fits="results/{run}/velocity_fits.ecsv",
        selection="results/{run}/selection.parquet",
        style=STYLE,
    output:
        out=drawn("results/{run}/figures/velocities"),
    log:
        "results/{run}/logs/plot_velocities.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings("run"),
        code=code("figures/plot_velocities"),
    shell:
        command("figures/plot_velocities")


rule plot_figure_3:
    input:
        catalogue="results/{run}/catalogue.parquet",
        tracks="results/{run}/models/tracks.parquet",
        style=STYLE,
    output:
        out=drawn("results/{run}/figures/figure_3"),
    log:
        "results/{run}/logs/plot_figure_3.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings("run", "tracks"),
        code=code("figures/plot_figure_3"),
    shell:
        command("figures/plot_figure_3")


rule plot_masses_ages:
    input:
        catalogue="results/{run}/catalogue.parquet",
        stars="results/{run}/stars.parquet",
        style=STYLE,
    output:
        out=drawn("results/{run}/figures/masses_ages"),
    log:
        "results/{run}/logs/plot_masses_ages.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings("run"),
        code=code("figures/plot_masses_ages"),
    shell:
        command("figures/plot_masses_ages")


rule plot_orbits:
    input:
        stars="results/{run}/stars.parquet",
        velocities="results/{run}/velocities.parquet",
        orbits=lambda wildcards: expand(
            "results/{run}/stars/{star}/orbit.parquet",
            run=RUN,
            star=folders(drawn_stars(wildcards)),
        ),
        births=lambda wildcards: expand(
            "results/{run}/stars/{star}/birthplaces/{chunk}.parquet",
            run=RUN,
            star=folders(drawn_stars(wildcards)),
            chunk=CHUNKS,
        ),
        style=STYLE,
    output:
        out=drawn("results/{run}/figures/{figure}", caption="orbits"),
    log:
        "results/{run}/logs/plot_{figure}.log",
    wildcard_constraints:
        figure="figure_[45]",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        names=drawn_stars,
        cfg=settings("disk.half_height", "orbits.draws", *MEASURED),
        code=code("figures/plot_orbits"),
        drawn_with=settings(*ORBIT_SETTINGS),
        traced_by=code("orbits/trace_orbit"),
        drawn_by=code("orbits/draw_birthplaces"),
    shell:
        command("figures/plot_orbits", "names", "drawn_with", "traced_by", "drawn_by")


use rule plot_orbits as plot_star with:
    output:
        out=drawn("results/{run}/stars/{star}/orbit", caption="star"),
    log:
        "results/{run}/logs/plot_star/{star}.log",


rule plot_figure_8:
    input:
        catalogue="results/{run}/catalogue.parquet",
        origins="results/{run}/origins.parquet",
        style=STYLE,
    output:
        out=drawn("results/{run}/figures/figure_8"),
    log:
        "results/{run}/logs/plot_figure_8.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings("run", "origins.decided_min"),
        code=code("figures/plot_figure_8"),
    shell:
        command("figures/plot_figure_8")


rule plot_channels:
    input:
        catalogue="results/{run}/catalogue.parquet",
        origins="results/{run}/origins.parquet",
        posterior="results/{run}/origin_posterior.parquet",
        companions="results/{run}/models/binary_companions.parquet",
        style=STYLE,
    output:
        out=drawn("results/{run}/figures/channels"),
    log:
        "results/{run}/logs/plot_channels.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings("run", *CHANNEL_SETTINGS),
        code=code("figures/plot_channels"),
    shell:
        command("figures/plot_channels")


rule plot_disk_origin:
    input:
        catalogue="results/{run}/catalogue.parquet",
        style=STYLE,
    output:
        out=drawn("results/{run}/figures/disk_origin"),
    log:
        "results/{run}/logs/plot_disk_origin.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings(
            "run",
            "disk.half_height",
            "disk.check_half_height",
            "disk.evidence_min",
        ),
        code=code("figures/plot_disk_origin"),
    shell:
        command("figures/plot_disk_origin")


rule plot_figure_2:
    input:
        spectra=expand(
            "results/{{run}}/stars/{star}/spectra.parquet",
            star=folders(config["figures"]["figure_2"]),
        ),
        subtypes=expand(
            "results/{{run}}/stars/{star}/subtypes.parquet",
            star=folders(config["figures"]["figure_2"]),
        ),
        stars="results/{run}/stars.parquet",
        style=STYLE,
    output:
        out=drawn("results/{run}/figures/figure_2"),
    log:
        "results/{run}/logs/plot_figure_2.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        names=config["figures"]["figure_2"],
        cfg=settings("run"),
        code=code("figures/plot_figure_2"),
        measured_by=code("spectra/measure_spectrum"),
    shell:
        command("figures/plot_figure_2", "names", "measured_by")


rule plot_labels:
    input:
        labels="results/{run}/labels.parquet",
        stars="results/{run}/stars.parquet",
        style=STYLE,
    output:
        out=drawn("results/{run}/figures/labels"),
    log:
        "results/{run}/logs/plot_labels.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings("run", "spectra.lrs"),
        code=code("figures/plot_labels"),
    shell:
        command("figures/plot_labels")


rule plot_spectrum:
    input:
        fits=lambda w: f"results/{w.run}/stars/{BATCH_OF.get(w.star, w.star)}/label_fits.parquet",
        pixels=lambda w: f"results/{w.run}/stars/{BATCH_OF.get(w.star, w.star)}/best_fits.parquet",
        observations=lambda w: f"results/{w.run}/stars/{BATCH_OF.get(w.star, w.star)}/observations.parquet",
        style=STYLE,
    output:
        out=drawn("results/{run}/stars/{star}/spectrum", category="Spectra"),
    log:
        "results/{run}/logs/plot_spectrum/{star}.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings("run"),
        code=code("figures/plot_spectrum"),
    shell:
        command("figures/plot_spectrum", "--star {wildcards.star}")


rule plot_pairs:
    input:
        stars="results/{run}/stars.parquet",
        velocities="results/{run}/velocities.parquet",
        orbit=lambda wildcards: expand(
            "results/{run}/stars/{star}/orbit.parquet",
            run=RUN,
            star=folders([drawn_pair(wildcards)["star"]]),
        ),
        hits=lambda wildcards: of_pair(wildcards, "closest_approaches.parquet"),
        path=lambda wildcards: of_pair(wildcards, "cluster_path.parquet"),
        encounters="results/{run}/encounters.parquet",
        style=STYLE,
    output:
        out=drawn("results/{run}/figures/{figure}", caption="encounter"),
    log:
        "results/{run}/logs/plot_{figure}.log",
    wildcard_constraints:
        figure="figure_[67]",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        star=lambda wildcards: drawn_pair(wildcards)["star"],
        cfg=settings("clusters.radius", *MEASURED),
        code=code("figures/plot_pairs"),
    shell:
        command("figures/plot_pairs", "star")


use rule plot_pairs as plot_pair with:
    output:
        out=drawn("results/{run}/stars/{star}/pairs/{cluster}/encounter", caption="pair"),
    log:
        "results/{run}/logs/plot_pair/{star}/{cluster}.log",


rule plot_encounters:
    input:
        encounters="results/{run}/encounters.parquet",
        best="results/{run}/best_clusters.parquet",
        catalogue="results/{run}/catalogue.parquet",
        style=STYLE,
    output:
        out=drawn("results/{run}/figures/encounters"),
    log:
        "results/{run}/logs/plot_encounters.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings(
            "run",
            "clusters.fdr",
            "clusters.p_encounter_min",
            "figures.figure_6",
            "figures.figure_7",
        ),
        code=code("figures/plot_encounters"),
    shell:
        command("figures/plot_encounters")


rule plot_ejections:
    input:
        ejections="results/{run}/ejections.parquet",
        catalogue="results/{run}/catalogue.parquet",
        clusters="results/{run}/clusters.parquet",
        style=STYLE,
    output:
        out=drawn("results/{run}/figures/ejections"),
    log:
        "results/{run}/logs/plot_ejections.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings("run", "frame"),
        code=code("figures/plot_ejections"),
    shell:
        command("figures/plot_ejections")


rule plot_ejection:
    input:
        stars="results/{run}/stars.parquet",
        velocities="results/{run}/velocities.parquet",
        orbit=lambda wildcards: expand(
            "results/{run}/stars/{star}/orbit.parquet", run=RUN, star=folders([wildcards.star])
        ),
        ejections=lambda wildcards: expand(
            "results/{run}/stars/{star}/ejections.parquet", run=RUN, star=folders([wildcards.star])
        ),
        sites=lambda wildcards: expand(
            "results/{run}/stars/{star}/ejection_sites.parquet",
            run=RUN,
            star=folders([wildcards.star]),
        ),
        style=STYLE,
    output:
        out=drawn("results/{run}/stars/{star}/ejection", caption="ejection"),
    log:
        "results/{run}/logs/plot_ejection/{star}.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings(*MEASURED),
        code=code("figures/plot_ejection"),
    shell:
        command("figures/plot_ejection", "--star {wildcards.star}")


rule plot_bodies:
    input:
        stars="results/{run}/stars.parquet",
        velocities="results/{run}/velocities.parquet",
        orbits=lambda wildcards: expand(
            "results/{run}/stars/{star}/orbit.parquet",
            run=RUN,
            star=folders(layout.bodies(PAIRS_NAMED[wildcards.pair])),
        ),
        pair="results/{run}/pairs/{pair}/pair.parquet",
        sites="results/{run}/pairs/{pair}/pair_sites.parquet",
        path="results/{run}/pairs/{pair}/cluster_path.parquet",
        style=STYLE,
    output:
        out=drawn("results/{run}/pairs/{pair}/pair", category="Named pairs", caption="bodies"),
    log:
        "results/{run}/logs/plot_bodies/{pair}.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings(*MEASURED),
        code=code("figures/plot_bodies"),
    shell:
        command("figures/plot_bodies")


rule plot_calibration:
    input:
        reliability="results/{run}/calibration_reliability.ecsv",
        rates="results/{run}/calibration_rates.ecsv",
        null="results/{run}/calibration_null.ecsv",
        style=STYLE,
    output:
        out=drawn("results/{run}/figures/calibration"),
    log:
        "results/{run}/logs/plot_calibration.log",
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings("run"),
        code=code("figures/plot_calibration"),
    shell:
        command("figures/plot_calibration")
