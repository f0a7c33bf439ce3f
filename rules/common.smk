# The configuration, the stars and what every rule declares. No science.
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

WORKFLOW = Path(workflow.basedir).resolve() / "workflow"
sys.path.insert(0, str(WORKFLOW))
import contract
import layout

try:
    contract.check_config(config, " + ".join(map(str, workflow.configfiles)))
    STARS = contract.read_stars(config)
    contract.check_figures(config, STARS)
    TRACKS = contract.track_files(config)
except contract.ContractError as error:
    raise WorkflowError(str(error)) from None

RUN = config["run"]
BATCHES = layout.batches(STARS, config["stars_per_job"])
BATCH_OF = {star: batch for batch, stars in BATCHES.items() for star in stars}
CHUNKS = layout.chunks(config["orbits"]["draws"], config["orbits"]["draws_per_chunk"])
FIGURES = [name for name, stars in config["figures"].items() if stars] + ["figure_8", "disk_origin"]
FIGURES += ["figure_3", "masses_ages"]
FIGURES += ["figure_1", "velocities"]


wildcard_constraints:
    run="|".join([RUN.replace(".", r"\.")]),
    star=r"[A-Za-z0-9][A-Za-z0-9+_.-]*",
    chunk=r"\d+-\d+",
    figure=r"figure_\d",


# The library runs from the source tree, by this Python unless conda brings one.
CONDA = "conda" in {str(method) for method in workflow.deployment_settings.deployment_method}
shell.prefix(
    f"set -euo pipefail; export PYTHONPATH={WORKFLOW};"
    + ("" if CONDA else f" export PATH={Path(sys.executable).parent}:$PATH;")
    + " "
)


def settings(*keys):
    return contract.canonical(config, *keys)


def code(script):
    return contract.code(script)


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


HELD = []


onstart:
    HELD.append(contract.hold(Path("results") / RUN))
