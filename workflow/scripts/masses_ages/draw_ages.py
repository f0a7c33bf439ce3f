"""Ages of stars for a range of Monte Carlo draws of their labels, such as 0-1024."""

import numpy as np
from astropy.table import Table, vstack

from runaways import tables
from runaways.masses_ages import forests, masses
from runaways.stars import draws
from scripts.job import arguments, stamp
from scripts.labels.adopted import measured_labels, with_labels
from scripts.stars.measured import complete, stars_of


def main():
    optional = ("label-fits", "lte")
    args = arguments(__doc__, "list", "draws", "model", "out", lists=["names"], optional=optional)
    first, end = map(int, args.draws.split("-"))
    model, _ = forests.load_model(args.model)
    parts = []
    stars = with_labels(args, stars_of(args), measured_labels(args)[0])
    for star in complete(args, stars):
        name, ages = star["star"], np.full(end - first, np.nan)
        if np.isfinite([star["teff"], star["logg"], star["mh"]]).all():
            sampler = args.cfg["orbits.sampler"]
            cube = draws.unit_cube(int(args.cfg["seed"]), name, first, end, sampler)
            ages = model.predict(masses.draw_labels(star, cube))[:, 2]
        part = Table({"star": [name] * len(ages), "draw": range(first, end), "age": ages})
        part["age_error"] = np.nan  # the draws are the error
        parts.append(part)
    tables.write(vstack(parts), args.out, "ages", **stamp(args))


main()
