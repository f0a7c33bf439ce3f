"""The graph of rules in README.md: `python tests/rule_graph.py` writes it anew."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
GRAPH = re.compile(r"(?<=```mermaid\n).*?(?=```)", re.DOTALL)


def graph():
    """Rules of the paper's run and what follows what, in Mermaid."""
    command = [sys.executable, "-m", "snakemake", "--rulegraph", "mermaid-js", "--forceall"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    names = dict(re.findall(r"(id\d+)\[(\w+)\]", run.stdout))
    edges = re.findall(r"(id\d+) --> (id\d+)", run.stdout)
    lines = sorted(f"  {names[a]} --> {names[b]}" for a, b in edges if names[b] != "all")
    return "\n".join(["flowchart LR", *lines]) + "\n"


def in_readme():
    return GRAPH.search((ROOT / "README.md").read_text())[0]


if __name__ == "__main__":
    readme = ROOT / "README.md"
    readme.write_text(GRAPH.sub(lambda _: graph(), readme.read_text(), count=1))
