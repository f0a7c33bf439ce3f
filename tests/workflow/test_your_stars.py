"""The steps of docs/your-stars.md, to the letter, with real files in place of the archives."""

import os
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
import yaml
from astropy.table import Table

import archives
from project import ROOT
from scripts.fetch.catalogues import fetch_stars

PAGE = (ROOT / "docs" / "your-stars.md").read_text()
LRS = "spec-55863-B6301_sp01-138 spec-55859-F5902_sp06-207 spec-55859-F5902_sp05-234"
LRS += " spec-57287-KP193637N444141V03_sp10-161"


def _steps():
    """Kind, content and for a file its name, of every block of the page."""
    blocks = re.findall(r"([^\n]*)\n\n```(\w+)\n(.*?)```", PAGE, re.DOTALL)
    for before, kind, content in blocks:
        name = re.search(r"`([\w.]+)`:$", before)
        yield kind, content, name[1] if name else ""


def test_every_step_is_a_file_a_command_or_python():
    kinds = [(kind, bool(name)) for kind, _, name in _steps()]
    assert kinds.count(("sh", False)) == 3 and kinds.count(("python", False)) == 2
    assert [name for _, _, name in _steps() if name] == ["ids.txt", "labels.csv", "my.yaml"]
    assert len(kinds) == 8


def _sky(table_a1):
    """Gaia of this test: Table A.1 where it has the id, at the other positions a slow star."""
    ids = re.findall(r"^(\d{15,})$", PAGE, re.MULTILINE)
    places = re.findall(r"^(\d+\.\d+) (-?\d+\.\d+)$", PAGE, re.MULTILINE)
    rows = [dict(zip(table_a1.colnames, row)) for row in table_a1 if row["source_id"] in ids]
    assert len(rows) == len(places) == 5
    sky = [{"source_id": int(row["source_id"])} | {
        name: float(row[name]) for name in ("ra", "dec", "parallax", "pmra", "pmdec")
    } for row in rows]  # fmt: skip
    for i, (ra, dec) in enumerate(places):
        slow = {"ra": float(ra), "dec": float(dec), "parallax": 2.0, "pmra": 1.0, "pmdec": -3.0}
        sky.append({"source_id": 2_000_000_000_000 + i} | slow)
    errors = {"parallax_error": 0.03, "pmra_error": 0.03, "pmdec_error": 0.03}
    return Table(rows=[row | errors | {"radial_velocity": 10.0} for row in sky])


@pytest.mark.asked_for("RUNAWAYS_DOCS_RUN")
def test_the_steps_of_the_page(fresh, data, table_a1):
    folder = fresh.folder
    for name in ("Makefile", "requirements.lock"):
        shutil.copy(ROOT / name, folder)
    os.utime(folder / "requirements.lock", (0, 0))  # older than the environment it made
    (folder / ".venv").symlink_to(sys.prefix)
    sky = _sky(table_a1)

    def fetched(command):
        """What lands where the page says, without the archives; None for another command."""
        if command == "make fetch IDS=ids.txt OUT=gaia.csv":
            with archives.serving(archives.Tap, table=lambda q: archives.gaia(q, sky)) as tap:
                fetch_stars(folder / "ids.txt", folder / "gaia.csv", tap.url, pause=0.0)
        elif command == "make fetch-clusters":
            shutil.copy(data / "clusters" / "HUNT2023.csv", folder / "hunt2023.csv")
        elif command == "make fetch-tracks":
            shutil.copytree(data / "parsec" / "cmd27_2015", folder / "isochrones")
        else:
            return False
        return True

    for arm, names in (("lrs", [f"old/{name}*" for name in LRS.split()]), ("mrs", ["*"])):
        (folder / f"lamost_{arm}").mkdir()
        for name in names:
            for path in (data / f"lamost_{arm}").glob(name):
                shutil.copy(path, folder / f"lamost_{arm}")
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    for kind, content, name in _steps():
        if name:
            (folder / name).write_text(content)
        elif kind == "python":
            subprocess.run([sys.executable, "-c", content], cwd=folder, env=env, check=True)
        else:
            for command in content.splitlines():
                if not fetched(command):
                    run = ["bash", "-ec", command]
                    run = subprocess.run(run, cwd=folder, env=env, capture_output=True, text=True)
                    assert run.returncode == 0, (run.stdout + run.stderr)[-4000:]
    stars = Table.read(folder / "results" / "mine" / "catalogue.ecsv")
    known = np.isin(stars["source_id"].astype(np.int64), sky["source_id"][:5])
    assert len(stars) == 10 and known.sum() == 5
    # masses and ages of real PARSEC, from the labels of the list
    assert np.isfinite(stars["mass"][known]).all() and np.isfinite(stars["birth_x"][known]).all()
    assert all(stars["ejection_verdict"]) and (folder / "results/mine/origins.html").exists()
    made_with = yaml.safe_load((folder / "results" / "mine" / "run.yaml").read_text())
    assert made_with["stand_ins"]["tracks"] == made_with["stand_ins"]["clusters"] == ""
    assert "PARSEC 1.2S" in (folder / "results/mine/logs/fetch_tracks.log").read_text()
    labels = Table.read(folder / "results" / "mine" / "labels.ecsv")
    labels = labels[~np.isin(labels["star"], stars["star"][known])]
    assert np.isfinite(labels["rv"]).all() and not np.isfinite(labels["teff"]).any()
    # LAMOST's headers say A1V, A7V, F0 and F5; the fifth star has medium resolution alone
    found = ["BAF".index(text[0]) * 10 + float(text[1:]) for text in labels["subtype"][:4]]
    assert found == pytest.approx([11, 17, 20, 25], abs=3) and labels["subtype"].mask[4]
    said = " ".join(labels["labels_reason"])
    assert said.count("looks like") == 4 and "no LTE catalogue is given" in said
