# The configuration, the stars and what every rule declares. No science.
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

WORKFLOW = Path(workflow.basedir).resolve() / "workflow"
sys.path.insert(0, str(WORKFLOW))
import layout
from contract import clusters, files, hashes, lock, spectra
from contract.config import ARMS as KNOWN_ARMS
from contract.config import ContractError, check_config

try:
    check_config(config, " + ".join(map(str, workflow.configfiles)))
    STARS = files.read_stars(config)
    files.check_figures(config, STARS)
    TRACKS = files.track_files(config)
    ARMS = [arm for arm in KNOWN_ARMS if config["spectra"][arm]]
    FOUND = {arm: spectra.spectrum_files(config, arm) for arm in ARMS}
    GRID = spectra.grid_files(config)
    CLUSTERS = files.cluster_files(config)
    LITERATURE_HOSTS = files.literature_hosts(config)
    clusters.check_clusters(config, CLUSTERS)
except ContractError as error:
    raise WorkflowError(str(error)) from None

RUN = config["run"]
BATCHES = layout.batches(STARS, config["stars_per_job"])
BATCH_OF = {star: batch for batch, stars in BATCHES.items() for star in stars}
CHUNKS = layout.chunks(config["orbits"]["draws"], config["orbits"]["draws_per_chunk"])
SPECTRA = {arm: found for arm, (found, _) in FOUND.items()}
SPECTRA_STATE = [state for _, state in FOUND.values()]
SPECTRA_FOLDERS = [config["spectra"][arm] for arm in ARMS if config["spectra"][arm] != "stand-in"]
ADOPT_MEASURED = config["labels"]["adopt"] == "measured"
SPECTRA_PRODUCTS = ["models/emulators.ecsv", "labels.ecsv"] if ARMS else []
SPECTRA_PRODUCTS += ["spectra_files.ecsv"] if SPECTRA_FOLDERS else []
LTE_LABELS = "results/{run}/models/lte_labels.parquet" if config["labels"]["lte_catalogue"] else []
FIGURES = [name for name, stars in config["figures"].items() if stars] + ["figure_8", "disk_origin"]
FIGURES += ["figure_3", "masses_ages"]
FIGURES += ["labels"] if ARMS else []
FIGURES += ["encounters"]
FIGURES += ["figure_1", "velocities"]


wildcard_constraints:
    run="|".join([RUN.replace(".", r"\.")]),
    star=r"[A-Za-z0-9][A-Za-z0-9+_.-]*",
    chunk=r"\d+-\d+",
    cluster=r"[^/]+",
    figure=r"figure_\d",
    arm="|".join(KNOWN_ARMS),
    part=r"\d+",


# The library runs from the source tree, by this Python unless conda brings one.
CONDA = "conda" in {str(method) for method in workflow.deployment_settings.deployment_method}
shell.prefix(
    f"set -euo pipefail; export PYTHONPATH={WORKFLOW};"
    + ("" if CONDA else f" export PATH={Path(sys.executable).parent}:$PATH;")
    + " "
)


def settings(*keys):
    return hashes.canonical(config, *keys)


def code(script):
    return hashes.code(script)


def names(wildcards):
    return BATCHES.get(wildcards.star, [wildcards.star])


def rows(wildcards):
    """What the list says of the stars of a job: the job runs again when it changes."""
    return " ".join(STARS[star] for star in names(wildcards))


# what a star's orbit and the draws of its errors depend on
ORBIT_SETTINGS = ["run", "seed", "frame", "distance", "errors", "orbits.age"]
ORBIT_SETTINGS += ["orbits.potential", "orbits.sampler", "orbits.null_time"]

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


def pair_of(figure):
    """Star, its folder and the pair's folder of a figure; empty without one."""
    pair = config["figures"][figure]
    if not pair:
        return {"star": "", "folder": [], "pair": []}
    star = pair["star"]
    return {"star": star, "folder": folders([star]), "pair": [layout.pair_folder(pair)]}


HELD = []


onstart:
    HELD.append(lock.hold(Path("results") / RUN))
