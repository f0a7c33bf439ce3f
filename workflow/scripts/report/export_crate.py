"""ro-crate-metadata.json: a run as an RO-Crate, with checksums of its inputs and products."""

import hashlib
import json
import logging
import re
from datetime import UTC, datetime
from importlib.metadata import metadata
from pathlib import Path
from urllib.parse import quote

import yaml

from runaways import tables
from runaways.report import crate
from scripts.job import arguments


def main():
    args = arguments(
        __doc__, "record", "tool", "out", many=("inputs", "products"), optional=["files"]
    )
    folder = Path(args.out).parent
    inputs = [Path(name) for name in args.inputs]
    if args.files:
        listed = tables.read(args.files, "spectra_files")
        inputs += [Path(row["path"]) for row in listed if row["star"]]
    inputs = [described(path, licence(path)) for path in dict.fromkeys(inputs)]
    inputs = {file["sha256"]: file for file in inputs}  # by what is in it, not by its names
    made = [Path(name) for name in args.products]
    products = [described(path) | {"name": quote(str(path.relative_to(folder)))} for path in made]
    # the run may have been several, the first of which made the oldest product
    times = [datetime.fromtimestamp(path.stat().st_mtime, UTC) for path in made]
    began, ended = (time.isoformat(timespec="seconds") for time in (min(times), max(times)))
    record = yaml.safe_load(Path(args.record).read_text())
    found = crate.metadata(
        record,
        yaml.safe_load(Path(args.tool).read_text()),
        {name: package_licence(name) for name in record["packages"]},
        list(inputs.values()),
        products,
        began,
        ended,
    )
    Path(args.out).write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    unstated = [file["name"] for file in inputs.values() if not file["licence"]]
    logging.info("%d inputs, %d products", len(inputs), len(products))
    if unstated:
        logging.info("no licence stated, expected in <file>.license: %s", ", ".join(unstated))


def described(path, licence=""):
    with path.open("rb") as file:
        checksum = hashlib.file_digest(file, "sha256").hexdigest()
    name, size = str(path), path.stat().st_size
    return {"name": name, "size": size, "sha256": checksum, "licence": licence}


def licence(path):
    """What stands beside a file by the REUSE specification (reuse.software, version 3.3)."""
    beside = path.with_name(f"{path.name}.license")
    said = beside.read_text() if beside.is_file() else ""
    found = re.search(r"SPDX-License-Identifier:\s*(\S+)", said)
    return found[1] if found else ""


def package_licence(name):
    """As the package itself says; the data of OpenNGC come in one, with a licence of theirs."""
    said = metadata(name)
    kinds = [kind for kind in said.get_all("Classifier", []) if kind.startswith("License ::")]
    return said["License-Expression"] or ", ".join(kind.split(" :: ")[-1] for kind in kinds)


main()
