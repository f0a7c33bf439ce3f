"""The picture of stages in README.md, from the rules: `python tests/rule_graph.py` writes it."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
GRAPH = re.compile(r"(?<=```mermaid\n).*?(?=```)", re.DOTALL)
RULE = re.compile(r"^\s*(?:rule|use rule \w+ as) (\w+)", re.MULTILINE)


def rule_edges():
    """What follows what in the run of the paper: pairs of rules."""
    command = [sys.executable, "-m", "snakemake", "--rulegraph", "mermaid-js", "--forceall"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    names = dict(re.findall(r"(id\d+)\[(\w+)\]", run.stdout))
    edges = re.findall(r"(id\d+) --> (id\d+)", run.stdout)
    return {(names[a], names[b]) for a, b in edges if names[b] != "all"}


def stages():
    """Rules and their stages: a stage is a rule file."""
    files = sorted((ROOT / "rules").glob("*.smk"))
    return {rule: file.stem for file in files for rule in RULE.findall(file.read_text())}


def reduced(edges):
    """A graph without the edges that follow from others, as what follows each node."""
    after = {}
    for a, b in edges:
        after.setdefault(a, set()).add(b)

    def reached(start):
        found, queue = set(), list(start)
        while queue:
            new = after.get(queue.pop(), set()) - found
            found |= new
            queue += new
        return found

    first = sorted(after, key=lambda a: (-len(reached([a])), a))
    return {a: sorted(after[a] - reached(after[a])) for a in first}


def graph():
    """Stages of the paper's run and what follows what, in Mermaid."""
    stage = stages()
    edges = {(stage[a], stage[b]) for a, b in rule_edges() if stage[a] != stage[b]}
    before = {}
    for a, following in reduced(edges).items():
        before.setdefault(" & ".join(following), []).append(a)
    lines = [f"  {' & '.join(first)} --> {following}" for following, first in before.items()]
    return "\n".join(["flowchart LR", *lines]) + "\n"


def in_readme():
    return GRAPH.search((ROOT / "README.md").read_text())[0]


if __name__ == "__main__":
    readme = ROOT / "README.md"
    readme.write_text(GRAPH.sub(lambda _: graph(), readme.read_text(), count=1))
