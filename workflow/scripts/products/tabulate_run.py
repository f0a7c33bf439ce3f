"""run.yaml: what was run, on what, by which versions, with which stand-ins."""

import platform
from importlib.metadata import version
from pathlib import Path

import yaml

from runaways import tables
from scripts.job import arguments

PACKAGES = "astropy astropy-healpix cosmic-popsynth galpy matplotlib numpy pandas pyarrow".split()
PACKAGES += ["pyongc", "scikit-learn", "scipy", "gaiadr3-zeropoint"]


def main():
    args = arguments(__doc__, "catalogue", "out", optional=["note"])
    catalogue = tables.read(args.catalogue, "catalogue")
    record = {
        "run": args.cfg["run"],
        "configuration": args.cfg,
        "stars": len(catalogue),
        "failed": int(sum(catalogue["status"] == "failed")),
        "stand_ins": {
            "tracks": catalogue.meta.get("stand_in", ""),
            "spectra": catalogue.meta.get("stand_in_spectra", ""),
            "clusters": catalogue.meta.get("stand_in_clusters", ""),
        },
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "packages_changed": args.note or "",
    }
    Path(args.out).write_text(yaml.safe_dump(record, sort_keys=False, allow_unicode=True))


main()
