# The configuration, the stars and what every rule declares. No science.
import json

from snakemake.logging import logger

import layout
from contract import (
    cluster,
    clusters,
    ending,
    files,
    hashes,
    inputs,
    lock,
    progress,
    spectra,
    timers,
    versions,
)
from contract.config import ARMS as KNOWN_ARMS
from contract.config import ContractError, check_config, variant_of
from scripts import job_server

NOTES = []
try:
    NOTES += check_config(config, " + ".join(map(str, workflow.configfiles)), PROJECT)
    CODE_HASHES = Path("results") / config["run"] / "code.json"
    hashes.recall(CODE_HASHES)
    STARS = files.read_stars(config, NOTES, planned=not workflow.is_main_process)
    files.check_figures(config, STARS)
    files.check_pairs(config, STARS)
    TRACKS = files.track_files(config)
    ARMS = [arm for arm in KNOWN_ARMS if config["spectra"][arm]]
    FOUND = {arm: spectra.spectrum_files(config, arm) for arm in ARMS}
    GRID = spectra.grid_files(config)
    CLUSTERS = files.cluster_files(config)
    LITERATURE_HOSTS = files.literature_hosts(config)
    clusters.check_clusters(config, CLUSTERS, NOTES)
    inputs.check_inputs(config, TRACKS, GRID, NOTES)
except ContractError as error:
    raise WorkflowError(str(error)) from None

for note in NOTES if workflow.is_main_process else ():
    logger.warning(note)

RUN = config["run"]
ALL_ROWS = layout.rows_hash(STARS)
BATCHES = layout.batches(STARS, config["stars_per_job"])
BATCH_OF = {star: batch for batch, stars in BATCHES.items() for star in stars}
CHUNKS = layout.chunks(config["orbits"]["draws"], config["orbits"]["draws_per_chunk"])
SPECTRA = {arm: found for arm, (found, _) in FOUND.items()}
SPECTRA_STATE = [state for _, state in FOUND.values()]
SPECTRA_FOLDERS = [config["spectra"][arm] for arm in ARMS if config["spectra"][arm] != "stand-in"]
ADOPT_MEASURED = config["labels"]["adopt"] == "measured"
HOLD_OUT = ["models/hold_out.ecsv"] if config["masses"] == "forests" else []
SPECTRA_PRODUCTS = ["models/emulators.ecsv", "labels.ecsv"] if ARMS else []
SPECTRA_PRODUCTS += ["spectra_files.ecsv"] if SPECTRA_FOLDERS else []
LTE_LABELS = "results/{run}/models/lte_labels.parquet" if config["labels"]["lte_catalogue"] else []
FIGURES = [name for name in config["figures"] if name == "figure_1" or config["figures"][name]]
FIGURES += ["figure_3", "figure_8", "velocities", "masses_ages", "disk_origin"]
FIGURES += ["channels"]
FIGURES += ["encounters", "ejections", *(["labels"] if ARMS else [])]
FIGURES += ["calibration"] if config["ejections"]["calibrate"] else []
# What lies between list and products is asked for too: what a failed job left out is made again
# although all that was made from it is there. Of a star (or a batch) and of the run:
STAR_PRODUCTS = """
    masses_ages orbit horizon heights disk disk_curve closest_approaches chance_encounters
    encounter_search ejections ejection_sources ejection_sites
""".split()
RUN_PRODUCTS = """
    stars velocities masses_ages bhb selection distance_checks old_stars origins clusters
    encounters ejections models/tracks models/binary_companions origin_posterior
""".split()
if ARMS:
    STAR_PRODUCTS += (
        "spectra epochs observations subtypes line_indices label_fits best_fits".split()
    )
    RUN_PRODUCTS += ["labels"]
STAND_INS = BATCHES if "stand-in" in (config["spectra"][arm] for arm in ARMS) else []
CHUNKED = ["birthplaces", *(["ages"] if config["orbits"]["age"] != "published" else [])]
STAR_PRODUCTS += [f"{kind}/{chunk}" for kind in CHUNKED for chunk in CHUNKS]
RUN_PRODUCTS = [f"{name}.parquet" for name in RUN_PRODUCTS] + ["list_problems.ecsv"]
RUN_PRODUCTS += ["models/model_stars.npz", "models/cluster_orbits.npy", "models/cluster_orbits.npz"]
RUN_PRODUCTS += ["models/ejection_sources.npz"]
RUN_PRODUCTS += ["models/potential.npz"] if config["orbits"]["engine"] == "lanes" else []
RUN_PRODUCTS += ["models/masses_ages.npz"] if config["masses"] == "forests" else []
RUN_PRODUCTS += [
    f"models/{name}" for arm in ARMS for name in (f"grid_{arm}.h5", f"emulator_{arm}.npz")
]
VARIANTS = {v["name"]: variant_of(config, v) for v in config["ejections"]["ensemble"]}


wildcard_constraints:
    run="|".join([RUN.replace(".", r"\.")]),
    star=r"[A-Za-z0-9][A-Za-z0-9+_.-]*",
    chunk=r"\d+-\d+",
    cluster=r"[^/]+",
    figure=r"figure_\d",
    pair=r"[^/]+",
    variant=r"[A-Za-z0-9][A-Za-z0-9_-]*",
    arm="|".join(KNOWN_ARMS),
    part=r"\d+",


# conda's packages are its own: there Snakemake sees by itself that the environment is another
VERSIONS = {} if CONDA else versions.installed()
NEW_VERSIONS = versions.changed(Path("results") / RUN, VERSIONS)
VERSIONS_NOTE = versions.note(NEW_VERSIONS, config["rerun_on_new_versions"])
LIST_NOTE = files.list_note(config)
if workflow.is_main_process:
    for note in filter(None, (VERSIONS_NOTE, LIST_NOTE)):
        logger.warning(note)


def settings(*keys):
    return hashes.canonical(config, *keys)


def code(script):
    return versions.code(script, NEW_VERSIONS if config["rerun_on_new_versions"] else {})


def names(wildcards):
    return BATCHES.get(wildcards.star, [wildcards.star])


def rows(wildcards):
    """What the list says of the stars of a job: the job runs again when it changes."""
    return " ".join(STARS[star] for star in names(wildcards))


# what a star's orbit and the draws of its errors depend on
ORBIT_SETTINGS = ["run", "seed", "frame", "distance", "errors", "orbits.age"]
POTENTIAL_SETTINGS = ["orbits.potential", "orbits.rescale", "orbits.engine"]
ORBIT_SETTINGS += [*POTENTIAL_SETTINGS, "orbits.sampler", "orbits.null_time"]

# the forces that orbits are traced by
POTENTIAL = "results/{run}/models/potential.npz" if config["orbits"]["engine"] == "lanes" else []

# what peculiar velocities are relative to
ROTATION_SETTINGS = ["frame", "selection.rotation_curve"]
if config["selection"]["rotation_curve"] == "potential":
    ROTATION_SETTINGS += ["orbits.potential", "orbits.rescale"]

# what completing a star's measurements reads beside its row: every rule of ORBIT_SETTINGS
PRIOR = config["distance"]["prior"] or []


def folders(stars):
    """Folders of stars, each once: a star's own, or that of the batch it is in."""
    for star in stars:
        if star not in BATCH_OF:
            raise WorkflowError(f"{star!r} is not in {config['stars']}")
    return list(dict.fromkeys(BATCH_OF[star] for star in stars))


def predicted(name):
    """A file of a star's predicted ages, where the traceback uses them."""
    if config["orbits"]["age"] == "published":
        return []
    return f"results/{{run}}/stars/{{star}}/{name}"


def predicted_of(batches, name="masses_ages.parquet"):
    """Predicted ages of the stars of some folders, where the traceback uses them."""
    path = predicted(name)
    return [path.format(run=RUN, star=batch) for batch in batches] if path else []


def ages_of(batches):
    """The same, draw by draw: of each chunk."""
    return [path for chunk in CHUNKS for path in predicted_of(batches, f"ages/{chunk}.parquet")]


def of_variant(*keys):
    """Settings of a job in one of `ejections.ensemble`."""
    return lambda wildcards: hashes.canonical(VARIANTS[wildcards.variant], *keys)


def measured(name):
    """A file of a star's measured labels, where they count."""
    return f"results/{{run}}/stars/{{star}}/{name}" if ADOPT_MEASURED else []


def spectra_of(wildcards):
    """Files of the stars of a job, and the folder of their stand-ins where there are such."""
    files = [
        path for arm in ARMS for star in names(wildcards) for path in SPECTRA[arm].get(star, [])
    ]
    if "stand-in" in (config["spectra"][arm] for arm in ARMS):
        files.append(f"results/{wildcards.run}/stars/{wildcards.star}/stand_in_spectra")
    return files


def cluster_settings(*keys, names):
    return settings("run", *keys, *(f"clusters.{name}" for name in names))


# MB that a job asks a cluster for, as in profiles/slurm: 0.7 GB at most of most jobs, and 0.3 GB of
# the Snakemakes around it
MOST_JOBS = 1500


def memory(more=0, star=0):
    """For a job that was measured to need more: MB, those for each star, all of it at every try."""

    def asked(wildcards, attempt):
        return attempt * (MOST_JOBS + more + (star and star * len(names(wildcards))))

    return asked


def stage_of(rule):
    return Path(str(rule.snakefile)).stem


HELD = []


def hold(*_):
    try:
        HELD.append(lock.hold(Path("results") / RUN))
        versions.record(Path("results") / RUN, VERSIONS)
        hashes.remember(CODE_HASHES)
    except ContractError as error:
        raise WorkflowError(str(error)) from None
    servers = []
    if config["job_server"] and workflow.local_exec and not CONDA:
        if sum(1 for _ in workflow.dag.needrun_jobs()) >= job_server.FEWEST_JOBS:
            log = Path("results") / RUN / "logs" / "job_server.log"
            server = job_server.start(log, config["orbits"]["engine"] == "lanes")
            servers += [server] if server else []
    HELD.extend(servers)
    ending.on_signals(*servers, jobs=workflow.local_exec)
    timers.one_at_a_time(workflow.scheduler)
    executor = workflow.scheduler._executor
    if hasattr(executor, "run_uuid"):  # the one of SLURM
        cluster.look_after(executor)
        of_stars = [job for job in workflow.dag.needrun_jobs() if "star" in job.wildcards_dict]
        stars = {star for job in of_stars for star in names(job.wildcards)}
        advice = cluster.advice(
            len(stars),
            config["stars_per_job"],
            [job.rule.name for job in of_stars],
            workflow.nodes,
            Path("results") / RUN / "logs",
        )
        if advice:
            logger.warning(advice)
    if not (workflow.output_settings.verbose or workflow.output_settings.printshellcmds):
        jobs = (job for job in workflow.dag.needrun_jobs() if not job.is_norun)
        progress.show(logger, {job.jobid: (stage_of(job.rule), job.rule.name) for job in jobs})


onstart:
    hold()


def say_what_was_found(*_):
    """The last words of a run, once it has a catalogue."""
    from runaways import tables
    from runaways.report import closing

    catalogue = Path("results") / RUN / "catalogue.parquet"
    if catalogue.exists():
        lines = closing.words(tables.read(catalogue, "catalogue"), str(catalogue.parent))
        logger.info("\n".join(["", *lines]))


onsuccess:
    say_what_was_found()


# Snakemake calls the onstart of the outermost Snakefile alone
if not workflow.modifier.is_main_snakefile():
    workflow._onstart = hold
    workflow._onsuccess = say_what_was_found
