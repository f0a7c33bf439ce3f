"""Jobs of a run as forks of one process that has imported the libraries, in place of new ones.

Starting Python and importing costs most jobs of a star several times their work. `job_client`
takes the place of `python -m` while a server is there; a job whose server is gone, or that never
had one (on another machine, in another environment, with more than one thread), runs as a process.
"""

import array
import atexit
import gc
import json
import os
import runpy
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from importlib import import_module
from pathlib import Path

ADDRESS = "RUNAWAYS_JOB_SERVER"  # environment variable: path of the socket
FEWEST_JOBS = 8  # assumed: with fewer the server's own imports cost more than it spares
LONGEST_PATH = 100  # bytes; Linux allows the address of a socket 107
BEGUN = b"+"  # answer before that with the exit status: from here on it may not run a second time
GONE = 143  # exit status of a job whose client was ended
# What a job frees it keeps for its next array, in place of giving it back and having every page
# cleared again, a tenth of the fit of labels and of the stand-in grid. For glibc, in bytes;
# it takes 32 MiB at most for the first.
KEEP_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": f"{2**25}",
    "MALLOC_TRIM_THRESHOLD_": f"{2**28}",
    "MALLOC_TOP_PAD_": f"{2**26}",
}
_LENGTH = 4  # bytes before a request
LIBRARIES = """
astropy.io.fits astropy.table astropy.units matplotlib.backends.backend_agg
matplotlib.backends.backend_pdf matplotlib.figure numba numpy pyarrow.parquet
scipy.interpolate
scipy.ndimage scipy.optimize scipy.special scipy.stats sklearn.ensemble sklearn.kernel_ridge
sklearn.svm
""".split()


def start(log, lanes=False):
    """Start a server that ends with this process, however that ends.

    Parameters
    ----------
    log : Path
        Where it says what it does.
    lanes : bool
        Whether its jobs trace orbits by `runaways.orbits.lanes`.

    Returns
    -------
    subprocess.Popen or None
        To be kept; None where the folder for temporary files has too long a name.
    """
    folder = tempfile.mkdtemp(prefix="runaways-")
    path = os.path.join(folder, "jobs")
    if len(os.fsencode(path)) > LONGEST_PATH:
        os.rmdir(folder)
        return None
    listener = socket.socket(socket.AF_UNIX)
    # jobs that come while it still imports wait in line
    listener.bind(path)
    listener.listen(1024)
    log.parent.mkdir(parents=True, exist_ok=True)
    with listener, open(log, "w") as said:
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "scripts.job_server"),
                *(str(listener.fileno()), path, "lanes" if lanes else ""),
            ],
            # its end is the sign that this process has ended
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=said,
            pass_fds=[listener.fileno()],
            env={
                **KEEP_MEMORY,
                **os.environ,
                "PYTHONPATH": str(Path(__file__).parents[1]),
                "OMP_NUM_THREADS": "1",
                "MPLBACKEND": "Agg",
            },
            # an interrupt is for the jobs' clients, whose end ends their jobs
            start_new_session=True,
        )
    os.environ[ADDRESS] = path
    return server


def serve(listener, lanes):
    """Fork for every connection, until nobody holds the other end of standard input.

    Parameters
    ----------
    listener : socket
    lanes : bool
        As of `start`.

    Returns
    -------
    socket or None
        Of a forked process its connection; None when it is over.
    """
    for name in LIBRARIES:
        try:
            import_module(name)
        except ImportError as error:
            print(f"{name}: {error}; jobs that need it will say so", flush=True)
    import_module("runaways.orbits.potentials").import_galpy()
    import_module("runaways.tables").table_schema("stars")
    if lanes:
        import_module("runaways.orbits.lanes").compiled()
    import_module("runaways.encounters.kernels").compiled()
    import_module("runaways.ejections.compiled")
    import_module("runaways.synthesis.kernels")
    gc.collect()
    gc.freeze()  # or every job would copy the pages of what is imported, to count its references
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a job here
    print("ready, process", os.getpid(), flush=True)
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:
            return None
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            return connection
        connection.close()


def _request(connection):
    """What is asked for, and the two files it writes to."""
    head, passed, *_ = connection.recvmsg(_LENGTH, socket.CMSG_LEN(2 * array.array("i").itemsize))
    files = array.array("i")
    files.frombytes(passed[0][2])
    wanted, text = int.from_bytes(head, "big"), b""
    while len(text) < wanted:
        part = connection.recv(wanted - len(text))
        if not part:
            os._exit(GONE)
        text += part
    return json.loads(text), files


def run(connection):
    """Run the job that is asked for as `python -m` would, in this process, and end."""
    request, files = _request(connection)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setpgid(0, 0)  # what the job starts ends with it
    with open(os.devnull) as nothing:
        os.dup2(nothing.fileno(), 0)
    for file, number in zip(files, (1, 2)):
        os.dup2(file, number)
        os.close(file)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    threading.Thread(target=_end_with, args=[connection], daemon=True).start()
    connection.send(BEGUN)
    module, *arguments = request["arguments"]
    sys.argv = [module, *arguments]
    status = 0
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        status = _status(end.code)
    except BaseException:
        traceback.print_exc()
        status = 1
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    connection.send(str(status).encode())
    os._exit(status)


def _status(code):
    """Exit status of what sys.exit was called with, which may be a text to be said."""
    if code is None or isinstance(code, int):
        return code or 0
    print(code, file=sys.stderr)
    return 1


def _end_with(connection):
    """End this job and what it started when its client is gone."""
    try:
        connection.recv(1)
    except OSError:
        pass
    os.killpg(0, signal.SIGKILL)


def main():
    number, path, lanes = sys.argv[1:]
    listener = socket.socket(fileno=int(number))
    connection = serve(listener, bool(lanes))
    if connection:
        run(connection)
    shutil.rmtree(os.path.dirname(path), ignore_errors=True)


if __name__ == "__main__":
    main()
