"""All jobs of a run in one process: what the workflow's own cost is measured against.

Run as ``python one_process.py COMMANDS`` in the folder of a run: a file of the jobs' shell
commands in the order in which they ran. Imports everything once; prints its CPU seconds.
"""

import resource
import runpy
import shlex
import sys
from contextlib import redirect_stdout
from pathlib import Path

# the log of a job, which its command names last
LOG = " > "


def main():
    for line in Path(sys.argv[1]).read_text().splitlines():
        words = shlex.split(line.partition(LOG)[0])
        assert words[:2] == ["python", "-m"], line
        sys.argv = words[2:]
        for word in words:
            if word.startswith("results/"):  # as Snakemake makes the folders of outputs
                Path(word).parent.mkdir(parents=True, exist_ok=True)
        with redirect_stdout(sys.stderr):
            runpy.run_module(words[2], run_name="__main__", alter_sys=True)
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(sum(part.ru_utime + part.ru_stime for part in used))


main()
