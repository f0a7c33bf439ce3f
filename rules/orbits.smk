# Orbits, birthplaces by Monte Carlo, origin in the disk (Sect. 3.4, 4.1). One job for each star,
# birthplaces one for each star and chunk of draws.
# REQUIRED INPUTS: the star list of the configuration
# OUTPUTS: results/{run}/stars/{star}/orbit.parquet, horizon.parquet, birthplaces/{chunk}.parquet,
#   paths/{chunk}.parquet (the draws' orbits), heights.parquet, disk.parquet, disk_curve.parquet
#
# The list is `ancient`: a star's jobs depend on its own rows (params.rows), not on its neighbours'.
# It is the source file and not stars.parquet, because Snakemake looks for no reason of its own to
# run a job behind an ancient file that another job makes.


rule trace_orbit:
    input:
        stars=ancient(config["stars"]),
        predicted=predicted("masses_ages.parquet"),
        prior=PRIOR,
    output:
        orbit="results/{run}/stars/{star}/orbit.parquet",
        horizon="results/{run}/stars/{star}/horizon.parquet",
        heights="results/{run}/stars/{star}/heights.parquet",
    log:
        "results/{run}/logs/trace_orbit/{star}.log",
    benchmark:
        "results/{run}/benchmarks/trace_orbit/{star}.tsv"
    conda:
        "../envs/runaways.yaml"
    params:
        names=names,
        rows=rows,
        cfg=settings(*ORBIT_SETTINGS),
        code=code("orbits/trace_orbit"),
    shell:
        "python -m scripts.orbits.trace_orbit --list {input.stars} --names {params.names}"
        " --predicted {input.predicted}"
        " --cfg {params.cfg:q} --code {params.code} --orbit {output.orbit}"
        " --horizon {output.horizon} --heights {output.heights} > {log} 2>&1"


rule draw_birthplaces:
    input:
        stars=ancient(config["stars"]),
        ages=predicted("ages/{chunk}.parquet"),
        prior=PRIOR,
    output:
        births="results/{run}/stars/{star}/birthplaces/{chunk}.parquet",
        paths="results/{run}/stars/{star}/paths/{chunk}.parquet",
    log:
        "results/{run}/logs/draw_birthplaces/{star}/{chunk}.log",
    benchmark:
        "results/{run}/benchmarks/draw_birthplaces/{star}/{chunk}.tsv"
    conda:
        "../envs/runaways.yaml"
    params:
        names=names,
        rows=rows,
        cfg=settings(*ORBIT_SETTINGS),
        code=code("orbits/draw_birthplaces"),
    shell:
        "python -m scripts.orbits.draw_birthplaces --list {input.stars} --names {params.names}"
        " --ages {input.ages}"
        " --draws {wildcards.chunk} --cfg {params.cfg:q} --code {params.code}"
        " --out {output.births} --paths {output.paths} > {log} 2>&1"


rule classify_disk:
    input:
        births=expand("results/{{run}}/stars/{{star}}/birthplaces/{chunk}.parquet", chunk=CHUNKS),
        horizon="results/{run}/stars/{star}/horizon.parquet",
        heights="results/{run}/stars/{star}/heights.parquet",
    output:
        disk="results/{run}/stars/{star}/disk.parquet",
        curve="results/{run}/stars/{star}/disk_curve.parquet",
    log:
        "results/{run}/logs/classify_disk/{star}.log",
    benchmark:
        "results/{run}/benchmarks/classify_disk/{star}.tsv"
    conda:
        "../envs/runaways.yaml"
    params:
        names=names,
        cfg=settings("run", "disk", "orbits.draws"),
        code=code("orbits/classify_disk"),
        drawn_with=settings(*ORBIT_SETTINGS),
        drawn_by=code("orbits/draw_birthplaces"),
    shell:
        "python -m scripts.orbits.classify_disk --births {input.births} --horizon {input.horizon}"
        " --heights {input.heights} --curve {output.curve}"
        " --names {params.names} --drawn-with {params.drawn_with:q} --drawn-by {params.drawn_by}"
        " --cfg {params.cfg:q} --code {params.code} --out {output.disk} > {log} 2>&1"
