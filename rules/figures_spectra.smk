# Figures of spectra: Fig. 2 of the paper (Sect. 3.1), measured labels against the list's, and the
# best fit of any star on demand.
# REQUIRED INPUTS: results/{run}/labels.parquet, stars.parquet, stars/{star}/spectra.parquet,
#   subtypes.parquet, label_fits.parquet, best_fits.parquet, observations.parquet
# OUTPUTS: results/{run}/figures/figure_2, labels .pdf .png, stars/{star}/spectrum.pdf .png


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
        style="workflow/runaways/paper.mplstyle",
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
        code=code("plot_figure_2"),
        measured_by=code("measure_spectrum"),
    shell:
        "python -m scripts.plot_figure_2 --spectra {input.spectra} --subtypes {input.subtypes}"
        " --names {params.names} --style {input.style} --by {params.measured_by}"
        " --cfg {params.cfg:q} --code {params.code} --out {output} > {log} 2>&1"


rule plot_labels:
    input:
        labels="results/{run}/labels.parquet",
        stars="results/{run}/stars.parquet",
        style="workflow/runaways/paper.mplstyle",
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
        code=code("plot_labels"),
    shell:
        "python -m scripts.plot_labels --labels {input.labels} --stars {input.stars}"
        " --style {input.style} --cfg {params.cfg:q} --code {params.code} --out {output}"
        " > {log} 2>&1"


rule plot_spectrum:
    input:
        fits=lambda w: f"results/{w.run}/stars/{BATCH_OF.get(w.star, w.star)}/label_fits.parquet",
        pixels=lambda w: f"results/{w.run}/stars/{BATCH_OF.get(w.star, w.star)}/best_fits.parquet",
        observations=lambda w: f"results/{w.run}/stars/{BATCH_OF.get(w.star, w.star)}/observations.parquet",
        style="workflow/runaways/paper.mplstyle",
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
        code=code("plot_spectrum"),
    shell:
        "python -m scripts.plot_spectrum --star {wildcards.star} --fits {input.fits}"
        " --pixels {input.pixels} --observations {input.observations} --style {input.style}"
        " --cfg {params.cfg:q} --code {params.code} --out {output} > {log} 2>&1"
