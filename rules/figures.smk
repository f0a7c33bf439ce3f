# Figures: 1, 3, 4, 5 and 8 of the paper (Sect. 2, 3.3, 4.1, 4.3), velocities, masses and ages, the origin in the disk
# beside chance, and the orbit of any star on demand.
# REQUIRED INPUTS: results/{run}/catalogue.parquet, stars.parquet, velocity_fits.ecsv, selection.parquet, origins.parquet,
#   models/tracks.parquet, stars/{star}/orbit.parquet,
#   stars/{star}/birthplaces/{chunk}.parquet, workflow/runaways/figures/paper.mplstyle
# OUTPUTS: results/{run}/figures/figure_1, velocities, figure_3, masses_ages, figure_4, figure_5, figure_8, disk_origin .pdf .png,
#   stars/{star}/orbit.pdf .png


rule plot_figure_1:
    input:
        catalogue="results/{run}/catalogue.parquet",
        style="workflow/runaways/figures/paper.mplstyle",
    output:
        pdf="results/{run}/figures/figure_1.pdf",
        png=report(
            "results/{run}/figures/figure_1.png",
            category="Figures",
            caption="../workflow/report/figure_1.rst",
        ),
    log:
        "results/{run}/logs/plot_figure_1.log",
    benchmark:
        "results/{run}/benchmarks/plot_figure_1.tsv"
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        cfg=settings("run"),
        code=code("figures/plot_figure_1"),
    shell:
        "python -m scripts.figures.plot_figure_1 --catalogue {input.catalogue} --style {input.style}"
        " --cfg {params.cfg:q} --code {params.code} --out {output} > {log} 2>&1"


rule plot_velocities:
    input:
        catalogue="results/{run}/catalogue.parquet",
        fits="results/{run}/velocity_fits.ecsv",
        selection="results/{run}/selection.parquet",
        style="workflow/runaways/figures/paper.mplstyle",
    output:
        pdf="results/{run}/figures/velocities.pdf",
        png=report(
            "results/{run}/figures/velocities.png",
            category="Figures",
            caption="../workflow/report/velocities.rst",
        ),
    log:
        "results/{run}/logs/plot_velocities.log",
    benchmark:
        "results/{run}/benchmarks/plot_velocities.tsv"
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        cfg=settings("run"),
        code=code("figures/plot_velocities"),
    shell:
        "python -m scripts.figures.plot_velocities --catalogue {input.catalogue} --fits {input.fits}"
        " --selection {input.selection} --style {input.style}"
        " --cfg {params.cfg:q} --code {params.code} --out {output} > {log} 2>&1"


rule plot_figure_3:
    input:
        catalogue="results/{run}/catalogue.parquet",
        tracks="results/{run}/models/tracks.parquet",
        style="workflow/runaways/figures/paper.mplstyle",
    output:
        pdf="results/{run}/figures/figure_3.pdf",
        png=report(
            "results/{run}/figures/figure_3.png",
            category="Figures",
            caption="../workflow/report/figure_3.rst",
        ),
    log:
        "results/{run}/logs/plot_figure_3.log",
    benchmark:
        "results/{run}/benchmarks/plot_figure_3.tsv"
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        cfg=settings("run", "tracks"),
        code=code("figures/plot_figure_3"),
    shell:
        "python -m scripts.figures.plot_figure_3 --catalogue {input.catalogue} --tracks {input.tracks}"
        " --style {input.style} --cfg {params.cfg:q} --code {params.code} --out {output}"
        " > {log} 2>&1"


rule plot_masses_ages:
    input:
        catalogue="results/{run}/catalogue.parquet",
        stars="results/{run}/stars.parquet",
        style="workflow/runaways/figures/paper.mplstyle",
    output:
        pdf="results/{run}/figures/masses_ages.pdf",
        png=report(
            "results/{run}/figures/masses_ages.png",
            category="Figures",
            caption="../workflow/report/masses_ages.rst",
        ),
    log:
        "results/{run}/logs/plot_masses_ages.log",
    benchmark:
        "results/{run}/benchmarks/plot_masses_ages.tsv"
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        cfg=settings("run"),
        code=code("figures/plot_masses_ages"),
    shell:
        "python -m scripts.figures.plot_masses_ages --catalogue {input.catalogue} --stars {input.stars}"
        " --style {input.style} --cfg {params.cfg:q} --code {params.code} --out {output}"
        " > {log} 2>&1"


rule plot_figure_4:
    input:
        orbits=expand(
            "results/{{run}}/stars/{star}/orbit.parquet",
            star=folders(config["figures"]["figure_4"]),
        ),
        births=expand(
            "results/{{run}}/stars/{star}/birthplaces/{chunk}.parquet",
            star=folders(config["figures"]["figure_4"]),
            chunk=CHUNKS,
        ),
        style="workflow/runaways/figures/paper.mplstyle",
    output:
        pdf="results/{run}/figures/figure_4.pdf",
        png=report(
            "results/{run}/figures/figure_4.png",
            category="Figures",
            caption="../workflow/report/figure_4.rst",
        ),
    log:
        "results/{run}/logs/plot_figure_4.log",
    benchmark:
        "results/{run}/benchmarks/plot_figure_4.tsv"
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        names=config["figures"]["figure_4"],
        cfg=settings("run", "frame", "disk.half_height", "orbits.draws"),
        code=code("figures/plot_orbits"),
        drawn_with=settings(*ORBIT_SETTINGS),
        traced_by=code("orbits/trace_orbit"),
        drawn_by=code("orbits/draw_birthplaces"),
    shell:
        "python -m scripts.figures.plot_orbits --orbits {input.orbits} --births {input.births}"
        " --names {params.names} --style {input.style} --drawn-with {params.drawn_with:q}"
        " --traced-by {params.traced_by} --drawn-by {params.drawn_by} --cfg {params.cfg:q}"
        " --code {params.code} --out {output} > {log} 2>&1"


rule plot_figure_5:
    input:
        orbits=expand(
            "results/{{run}}/stars/{star}/orbit.parquet",
            star=folders(config["figures"]["figure_5"]),
        ),
        births=expand(
            "results/{{run}}/stars/{star}/birthplaces/{chunk}.parquet",
            star=folders(config["figures"]["figure_5"]),
            chunk=CHUNKS,
        ),
        style="workflow/runaways/figures/paper.mplstyle",
    output:
        pdf="results/{run}/figures/figure_5.pdf",
        png=report(
            "results/{run}/figures/figure_5.png",
            category="Figures",
            caption="../workflow/report/figure_5.rst",
        ),
    log:
        "results/{run}/logs/plot_figure_5.log",
    benchmark:
        "results/{run}/benchmarks/plot_figure_5.tsv"
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        names=config["figures"]["figure_5"],
        cfg=settings("run", "frame", "disk.half_height", "orbits.draws"),
        code=code("figures/plot_orbits"),
        drawn_with=settings(*ORBIT_SETTINGS),
        traced_by=code("orbits/trace_orbit"),
        drawn_by=code("orbits/draw_birthplaces"),
    shell:
        "python -m scripts.figures.plot_orbits --orbits {input.orbits} --births {input.births}"
        " --names {params.names} --style {input.style} --drawn-with {params.drawn_with:q}"
        " --traced-by {params.traced_by} --drawn-by {params.drawn_by} --cfg {params.cfg:q}"
        " --code {params.code} --out {output} > {log} 2>&1"


rule plot_star:
    input:
        orbits=lambda wildcards: expand(
            "results/{run}/stars/{star}/orbit.parquet",
            run=RUN,
            star=folders([wildcards.star]),
        ),
        births=lambda wildcards: expand(
            "results/{run}/stars/{star}/birthplaces/{chunk}.parquet",
            run=RUN,
            star=folders([wildcards.star]),
            chunk=CHUNKS,
        ),
        style="workflow/runaways/figures/paper.mplstyle",
    output:
        pdf="results/{run}/stars/{star}/orbit.pdf",
        png=report(
            "results/{run}/stars/{star}/orbit.png",
            category="Figures",
            caption="../workflow/report/star.rst",
        ),
    log:
        "results/{run}/logs/plot_star/{star}.log",
    benchmark:
        "results/{run}/benchmarks/plot_star/{star}.tsv"
    conda:
        "../envs/runaways.yaml"
    params:
        cfg=settings("run", "frame", "disk.half_height", "orbits.draws"),
        code=code("figures/plot_orbits"),
        drawn_with=settings(*ORBIT_SETTINGS),
        traced_by=code("orbits/trace_orbit"),
        drawn_by=code("orbits/draw_birthplaces"),
    shell:
        "python -m scripts.figures.plot_orbits --orbits {input.orbits} --births {input.births}"
        " --names {wildcards.star} --style {input.style} --drawn-with {params.drawn_with:q}"
        " --traced-by {params.traced_by} --drawn-by {params.drawn_by} --cfg {params.cfg:q}"
        " --code {params.code} --out {output} > {log} 2>&1"


rule plot_figure_8:
    input:
        catalogue="results/{run}/catalogue.parquet",
        origins="results/{run}/origins.parquet",
        style="workflow/runaways/figures/paper.mplstyle",
    output:
        pdf="results/{run}/figures/figure_8.pdf",
        png=report(
            "results/{run}/figures/figure_8.png",
            category="Figures",
            caption="../workflow/report/figure_8.rst",
        ),
    log:
        "results/{run}/logs/plot_figure_8.log",
    benchmark:
        "results/{run}/benchmarks/plot_figure_8.tsv"
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        cfg=settings("run", "origins.decided_min", "orbits.age"),
        code=code("figures/plot_figure_8"),
    shell:
        "python -m scripts.figures.plot_figure_8 --catalogue {input.catalogue} --origins {input.origins}"
        " --style {input.style}"
        " --cfg {params.cfg:q} --code {params.code} --out {output} > {log} 2>&1"


rule plot_disk_origin:
    input:
        catalogue="results/{run}/catalogue.parquet",
        style="workflow/runaways/figures/paper.mplstyle",
    output:
        pdf="results/{run}/figures/disk_origin.pdf",
        png=report(
            "results/{run}/figures/disk_origin.png",
            category="Figures",
            caption="../workflow/report/disk_origin.rst",
        ),
    log:
        "results/{run}/logs/plot_disk_origin.log",
    benchmark:
        "results/{run}/benchmarks/plot_disk_origin.tsv"
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        cfg=settings(
            "run",
            "disk.half_height",
            "disk.check_half_height",
            "disk.evidence_min",
            "orbits.age",
        ),
        code=code("figures/plot_disk_origin"),
    shell:
        "python -m scripts.figures.plot_disk_origin --catalogue {input.catalogue} --style {input.style}"
        " --cfg {params.cfg:q} --code {params.code} --out {output} > {log} 2>&1"


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
        style="workflow/runaways/figures/paper.mplstyle",
    output:
        pdf="results/{run}/figures/figure_2.pdf",
        png=report(
            "results/{run}/figures/figure_2.png",
            category="Figures",
            caption="../workflow/report/figure_2.rst",
        ),
    log:
        "results/{run}/logs/plot_figure_2.log",
    benchmark:
        "results/{run}/benchmarks/plot_figure_2.tsv"
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        names=config["figures"]["figure_2"],
        cfg=settings("run"),
        code=code("figures/plot_figure_2"),
        measured_by=code("spectra/measure_spectrum"),
    shell:
        "python -m scripts.figures.plot_figure_2 --spectra {input.spectra} --subtypes {input.subtypes}"
        " --names {params.names} --style {input.style} --by {params.measured_by}"
        " --cfg {params.cfg:q} --code {params.code} --out {output} > {log} 2>&1"


rule plot_labels:
    input:
        labels="results/{run}/labels.parquet",
        stars="results/{run}/stars.parquet",
        style="workflow/runaways/figures/paper.mplstyle",
    output:
        pdf="results/{run}/figures/labels.pdf",
        png=report(
            "results/{run}/figures/labels.png",
            category="Figures",
            caption="../workflow/report/labels.rst",
        ),
    log:
        "results/{run}/logs/plot_labels.log",
    benchmark:
        "results/{run}/benchmarks/plot_labels.tsv"
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        cfg=settings("run", "spectra.lrs"),
        code=code("figures/plot_labels"),
    shell:
        "python -m scripts.figures.plot_labels --labels {input.labels} --stars {input.stars}"
        " --style {input.style} --cfg {params.cfg:q} --code {params.code} --out {output}"
        " > {log} 2>&1"


rule plot_spectrum:
    input:
        fits=lambda w: f"results/{w.run}/stars/{BATCH_OF.get(w.star, w.star)}/label_fits.parquet",
        pixels=lambda w: f"results/{w.run}/stars/{BATCH_OF.get(w.star, w.star)}/best_fits.parquet",
        observations=lambda w: f"results/{w.run}/stars/{BATCH_OF.get(w.star, w.star)}/observations.parquet",
        style="workflow/runaways/figures/paper.mplstyle",
    output:
        pdf="results/{run}/stars/{star}/spectrum.pdf",
        png=report(
            "results/{run}/stars/{star}/spectrum.png",
            category="Spectra",
            caption="../workflow/report/spectrum.rst",
        ),
    log:
        "results/{run}/logs/plot_spectrum/{star}.log",
    benchmark:
        "results/{run}/benchmarks/plot_spectrum/{star}.tsv"
    localrule: True
    conda:
        "../envs/runaways.yaml"
    params:
        cfg=settings("run"),
        code=code("figures/plot_spectrum"),
    shell:
        "python -m scripts.figures.plot_spectrum --star {wildcards.star} --fits {input.fits}"
        " --pixels {input.pixels} --observations {input.observations} --style {input.style}"
        " --cfg {params.cfg:q} --code {params.code} --out {output} > {log} 2>&1"


FIG_6, FIG_7 = pair_of("figure_6"), pair_of("figure_7")


rule plot_figure_6:
    input:
        orbit=expand("results/{{run}}/stars/{star}/orbit.parquet", star=FIG_6["folder"]),
        hits=expand("results/{{run}}/stars/{pair}/closest_approaches.parquet", pair=FIG_6["pair"]),
        path=expand("results/{{run}}/stars/{pair}/cluster_path.parquet", pair=FIG_6["pair"]),
        encounters="results/{run}/encounters.parquet",
        style="workflow/runaways/figures/paper.mplstyle",
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
        code=code("figures/plot_pairs"),
    shell:
        "python -m scripts.figures.plot_pairs --star {params.star} --orbit {input.orbit}"
        " --path {input.path:q} --hits {input.hits:q} --encounters {input.encounters}"
        " --style {input.style} --cfg {params.cfg:q} --code {params.code} --out {output}"
        " > {log} 2>&1"


rule plot_figure_7:
    input:
        orbit=expand("results/{{run}}/stars/{star}/orbit.parquet", star=FIG_7["folder"]),
        hits=expand("results/{{run}}/stars/{pair}/closest_approaches.parquet", pair=FIG_7["pair"]),
        path=expand("results/{{run}}/stars/{pair}/cluster_path.parquet", pair=FIG_7["pair"]),
        encounters="results/{run}/encounters.parquet",
        style="workflow/runaways/figures/paper.mplstyle",
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
        code=code("figures/plot_pairs"),
    shell:
        "python -m scripts.figures.plot_pairs --star {params.star} --orbit {input.orbit}"
        " --path {input.path:q} --hits {input.hits:q} --encounters {input.encounters}"
        " --style {input.style} --cfg {params.cfg:q} --code {params.code} --out {output}"
        " > {log} 2>&1"


rule plot_encounters:
    input:
        encounters="results/{run}/encounters.parquet",
        best="results/{run}/best_clusters.parquet",
        style="workflow/runaways/figures/paper.mplstyle",
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
        code=code("figures/plot_encounters"),
    shell:
        "python -m scripts.figures.plot_encounters --encounters {input.encounters} --best {input.best}"
        " --style {input.style} --cfg {params.cfg:q} --code {params.code} --out {output}"
        " > {log} 2>&1"


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
        style="workflow/runaways/figures/paper.mplstyle",
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
        code=code("figures/plot_pairs"),
    shell:
        "python -m scripts.figures.plot_pairs --star {wildcards.star} --orbit {input.orbit}"
        " --path {input.path:q} --hits {input.hits:q} --encounters {input.encounters}"
        " --style {input.style} --cfg {params.cfg:q} --code {params.code} --out {output:q}"
        " > {log:q} 2>&1"
