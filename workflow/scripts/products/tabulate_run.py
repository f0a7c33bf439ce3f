"""run.yaml: what was run, on what, by which versions, with which stand-ins; and references."""

import platform
from importlib.metadata import version
from pathlib import Path

import yaml

from runaways import tables
from runaways.orbits import potentials
from runaways.products import references
from scripts.frame import frame
from scripts.job import arguments

PACKAGES = "astropy astropy-healpix cosmic-popsynth galpy matplotlib numpy pandas pyarrow".split()
PACKAGES += ["pyongc", "scikit-learn", "scipy", "gaiadr3-zeropoint"]


def main():
    names = ("catalogue", "clusters", "entries", "out", "references")
    args = arguments(__doc__, *names, optional=["note", "list-note"])
    catalogue = tables.read(args.catalogue, "catalogue")
    sun = frame(args.cfg["frame"])
    pot = potentials.potential(args.cfg["orbits"]["potential"], sun, args.cfg["orbits"]["rescale"])
    record = {
        "run": args.cfg["run"],
        "configuration": args.cfg,
        "frame": {"r0": sun.r0, "v_circ": sun.v_circ, "v_sun": list(sun.v_sun), "z_sun": sun.z_sun},
        "potential": pot.summary(),
        "stars": len(catalogue),
        "failed": int(sum(catalogue["status"] == "failed")),
        "assumed_errors": catalogue.meta.get("assumed_errors", ""),
        "radial_velocities": catalogue.meta.get("radial_velocities", ""),
        "parallaxes": args.list_note or "",
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
    listed = set(" + ".join(tables.read(args.clusters, "clusters")["catalogue"]).split(" + "))
    entries = Path(args.entries).read_text()
    Path(args.references).write_text(references.used(entries, args.cfg, listed))


main()
