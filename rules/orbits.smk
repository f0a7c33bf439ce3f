# Orbits, birthplaces by Monte Carlo, origin in the disk (Sect. 3.4, 4.1). One job for each star,
# birthplaces one for each star and chunk of draws.
# REQUIRED INPUTS: the star list of the configuration
# OUTPUTS: results/{run}/models/potential.npz, stars/{star}/orbit.parquet, horizon.parquet, birthplaces/{chunk}.parquet,
#   heights.parquet, disk.parquet, disk_curve.parquet
#
# The list is `ancient`: a star's jobs depend on its own rows (params.rows), not on its neighbours'.
# It is the source file and not stars.parquet, because Snakemake looks for no reason of its own to
# run a job behind an ancient file that another job makes.


rule tabulate_potential:
    output:
        out="results/{run}/models/potential.npz",
    log:
        "results/{run}/logs/tabulate_potential.log",
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        cfg=settings("run", "frame", "orbits.potential", "orbits.rescale"),
        code=code("orbits/tabulate_potential"),
    shell:
        command("orbits/tabulate_potential")


rule trace_orbit:
    input:
        PRIOR,
        potential=POTENTIAL,
        list=ancient(config["stars"]),
        predicted=predicted("masses_ages.parquet"),
    output:
        orbit="results/{run}/stars/{star}/orbit.parquet",
        horizon="results/{run}/stars/{star}/horizon.parquet",
        heights="results/{run}/stars/{star}/heights.parquet",
    log:
        "results/{run}/logs/trace_orbit/{star}.log",
    conda:
        "../envs/runaways.yaml"
    resources:
        mem_mb=memory(star=15),
    params:
        options=options,
        names=names,
        rows=rows,
        cfg=settings(*ORBIT_SETTINGS),
        code=code("orbits/trace_orbit"),
    shell:
        command("orbits/trace_orbit", "names", "rows")


rule draw_birthplaces:
    input:
        PRIOR,
        potential=POTENTIAL,
        list=ancient(config["stars"]),
        predicted=predicted("masses_ages.parquet"),
        ages=predicted("ages/{chunk}.parquet"),
    output:
        births="results/{run}/stars/{star}/birthplaces/{chunk}.parquet",
    log:
        "results/{run}/logs/draw_birthplaces/{star}/{chunk}.log",
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        names=names,
        rows=rows,
        cfg=settings(*ORBIT_SETTINGS),
        code=code("orbits/draw_birthplaces"),
    shell:
        command("orbits/draw_birthplaces", "names", "rows", "--draws {wildcards.chunk}")


rule classify_disk:
    input:
        births=expand("results/{{run}}/stars/{{star}}/birthplaces/{chunk}.parquet", chunk=CHUNKS),
        horizon="results/{run}/stars/{star}/horizon.parquet",
        heights="results/{run}/stars/{star}/heights.parquet",
    output:
        out="results/{run}/stars/{star}/disk.parquet",
        curve="results/{run}/stars/{star}/disk_curve.parquet",
    log:
        "results/{run}/logs/classify_disk/{star}.log",
    conda:
        "../envs/runaways.yaml"
    params:
        options=options,
        names=names,
        cfg=settings("run", "disk", "orbits.draws"),
        code=code("orbits/classify_disk"),
        drawn_with=settings(*ORBIT_SETTINGS),
        drawn_by=code("orbits/draw_birthplaces"),
    shell:
        command("orbits/classify_disk", "names", "drawn_with", "drawn_by")
