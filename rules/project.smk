# Where this project's own files are, and how its scripts are run: from beside the Snakefile,
# wherever Snakemake was started and whoever's workflow takes this one as a module.
import os
import shlex
import subprocess
import sys
import tarfile
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.sourcecache import HostingProviderFile


def project_folder():
    """The folder above this one; a copy of it where Snakemake reads it from GitHub or GitLab.

    Snakemake itself fetches single files, and a job runs scripts that import a library.
    """
    here = workflow.current_basedir.join("..")
    if not isinstance(here, HostingProviderFile):
        return Path(here.get_path_or_uri(secret_free=True)).resolve()
    git = ["git", "-C", str(here.hosted_repo.repo_clone)]
    commit = [*git, "rev-parse", f"{here.ref}^{{commit}}"]
    commit = subprocess.check_output(commit, text=True).strip()
    folder = Path(".snakemake", "runaways", commit).resolve()
    if not folder.is_dir():
        unfinished = folder.with_name(f"{commit}.{os.getpid()}")
        with subprocess.Popen([*git, "archive", commit], stdout=subprocess.PIPE) as archive:
            with tarfile.open(fileobj=archive.stdout, mode="r|") as files:
                files.extractall(unfinished)
        unfinished.rename(folder)
    return folder


PROJECT = project_folder()
WORKFLOW = PROJECT / "workflow"
if str(WORKFLOW) not in sys.path:
    sys.path.insert(0, str(WORKFLOW))


def ours(name):
    """A file of this project as an input: below the working directory it moves with that one."""
    path = PROJECT / name
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def mine_or_ours(name):
    return name if os.path.exists(name) else ours(name)


def compiled_beside(module):
    """Whether what numba compiles of a module is kept beside it, and is of this Python."""
    version = f"py{sys.version_info.major}{sys.version_info.minor}"
    kept = list((module.parent / "__pycache__").glob(f"{module.stem}.*.{version}.nbi"))
    return bool(kept) and all(path.stat().st_mtime > module.stat().st_mtime for path in kept)


# what numba compiles is kept beside the library, as Python does, else with the runs
COMPILED = [WORKFLOW / "runaways" / name for name in ("orbits/lanes.py", "encounters/kernels.py")]
READ_ONLY = sys.dont_write_bytecode or not os.access(WORKFLOW / "runaways" / "orbits", os.W_OK)
if READ_ONLY and not all(compiled_beside(module) for module in COMPILED):
    os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(".snakemake", "numba").resolve()))

# PYTHONPATH has no way to write a colon, Snakemake's inputs none for the others
if ":" in str(PROJECT) or set("{}<>") & set(ours("resources")):
    raise WorkflowError(f"{PROJECT}: expected a folder without : {{ }} < > in its name")


# The library runs from the source tree, by this Python unless conda brings one.
CONDA = "conda" in {str(method) for method in workflow.deployment_settings.deployment_method}
# s; assumed: well above the longest job, to end one whose C code (galpy) never returns
TIME_LIMIT = 6 * 3600
PREFIX = f"set -euo pipefail; export RUNAWAYS_TIME_LIMIT={TIME_LIMIT} RUNAWAYS_RUN=$PPID; "
PREFIX += f"export PYTHONPATH={shlex.quote(str(WORKFLOW))}; "
if not CONDA:
    PREFIX += f"export PATH={shlex.quote(str(Path(sys.executable).parent))}:$PATH; "
    # a job that one thread is enough for is run by the server of jobs, if there is one
    CLIENT = shlex.quote(str(WORKFLOW / "scripts" / "job_client.py"))
    PREFIX += 'python() { if [ "$1 ${OMP_NUM_THREADS:-1}" = "-m 1" ] && '
    PREFIX += '[ -S "${RUNAWAYS_JOB_SERVER:-}" ]; '
    # the shell becomes the job, so that who ends the one ends the other
    PREFIX += f'then exec python -I -S {CLIENT} "$@"; else exec python "$@"; fi; }}; '
shell.prefix(PREFIX.replace("{", "{{").replace("}", "}}"))


def command(script, *more):
    """A shell command, by its script; with the files, the settings and more of its rule.

    One more is a name among the rule's params, or an option as it stands.
    """
    words = ["python -m", ".".join(["scripts", *Path(script).parts])]
    words += [f"--{w.replace('_', '-')} {{params.{w}:q}}" if w.isidentifier() else w for w in more]
    words.append("{params.options} --cfg {params.cfg:q} --code {params.code} > {log:q} 2>&1")
    return " ".join(words)


def options(wildcards, input, output):
    """One option for each named input and output, quoted: they have one name for rule and script.

    What has no name is there to be waited for: the script finds it beside what has one, or by the
    configuration.
    """
    words = []
    for name, files in [*input.items(), *output.items()]:
        files = [files] if isinstance(files, str) else files
        words += [f"--{name.replace('_', '-')}", *files] if files else []
    return shlex.join(words)
