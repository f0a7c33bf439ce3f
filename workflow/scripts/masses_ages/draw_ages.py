"""Ages, and the masses that go with them, for a range of Monte Carlo draws, such as 0-1024."""

import numpy as np
from astropy.table import Table

from runaways import tables
from runaways.masses_ages import forests, masses, model_stars, posterior
from runaways.masses_ages.ages import PREDICTED
from runaways.stars import draws
from scripts.job import arguments, stamp
from scripts.masses_ages.labelled import labelled_stars, priors
from scripts.stars.measured import stars_of, with_ages


def main():
    optional = ("model", "label-fits", "lte")
    required = ("list", "draws", "models", "predicted", "out")
    args = arguments(__doc__, *required, lists=["names", "rows"], optional=optional)
    cfg = args.cfg
    first, end = map(int, args.draws.split("-"))
    source = with_ages(args, stars_of(args))["age_source"]
    stars = labelled_stars(args)[0][source == PREDICTED]
    if args.model:
        model, _ = forests.load_model(args.model)
    else:
        models = model_stars.load(args.models)
        prior = priors(cfg["population"]).weights(models)
    parts = []
    for star in stars:
        star = dict(zip(stars.colnames, star))
        cube = draws.unit_cube(int(cfg["seed"]), star["star"], first, end, cfg["orbits.sampler"])
        if args.model:
            _, mass, age = model.predict(masses.draw_labels(star, cube)).T
        else:
            mass, age = posterior.explain(models, prior, star).draw(
                cube[:, draws.DIMENSIONS.index("age")]
            )
        part = Table({"draw": np.arange(first, end), "mass": mass, "age": age})
        part.add_column([star["star"]] * len(part), name="star", index=0)
        parts.append(part)
    tables.write(tables.stack(parts, "ages"), args.out, "ages", **stamp(args))


main()
