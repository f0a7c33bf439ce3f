"""Dynamical ejection, binary supernova or neither: each star, and their shares in the list."""

import logging

import numpy as np

from layout import batches
from runaways import tables
from runaways.origins import channels, inference, plane
from scripts.ejections.priors import priors
from scripts.job import arguments, in_unit, joined, stamp
from scripts.labels.adopted import with_labels
from scripts.origins.channels import channel_model, population
from scripts.stars.measured import complete, with_ages


def main():
    names = ("stars", "velocities", "selection", "predicted", "ejections", "companions", "folder")
    names += ("stars-per-job", "fitted-with", "fitted-by", "out", "fractions", "posterior")
    args = arguments(__doc__, *names, optional=["labels"])
    cfg = args.cfg["origins"]
    stars = tables.read(args.stars, "stars")
    labels = tables.read(args.labels, "labels") if args.labels else None
    measured = complete(args, with_ages(args, with_labels(args, stars, labels)))
    speeds = tables.read(args.velocities, "velocities")
    selection = tables.read(args.selection, "selection")
    ejected = np.asarray(selection["is_runaway"]) | (cfg["stars"] == "all")
    lines = {}
    for name, values in (("v_sp", speeds["v_sp"]), ("vsini", measured["vsini"])):
        fitted = cfg[name] in plane.FITTED
        line = plane.fit_line(values[ejected], cfg[name])[0] if fitted else None
        lines[name] = float(line) if fitted else in_unit(cfg[name], "km / s")
    wanted = [str(star) for star in np.asarray(measured["star"])[ejected]]
    motions = inference.Motions(
        wanted,
        tables.read(args.ejections, "ejections"),
        _draws(args, stars["star"].tolist(), set(wanted)),
        priors(args.cfg["ejections.priors"]),
    )
    companions = tables.read(args.companions, "binary_companions")
    model = channel_model(args.cfg)
    around = population(args.cfg, measured, speeds, selection, ejected)
    origins, fractions, posterior = inference.all_origins(
        measured, speeds, motions, lines, model, companions, around, cfg["decided_min"], ejected
    )
    own = companions[companions["population"] == channels.OWN]
    error = float(np.nanmedian([*tables.column(measured, "vsini_error")[ejected], 0.0]))
    rng = np.random.default_rng(int(args.cfg["seed"]))
    seen = inference.of_lines(model, own, around, lines, rng, error)
    cut = {name: getattr(around, name) for name in ("v_sp_min", "v_tan_min", "error")}
    made = joined(selection.meta) | stamp(args)
    tables.write(origins, args.out, "origins", lines=lines, cut=cut, **made)
    tables.write(fractions, args.fractions, "origin_fractions", of_lines=seen, cut=cut, **made)
    tables.write(posterior, args.posterior, "origin_posterior", **made)
    row = fractions[0]
    three = row["fraction_des"], row["fraction_des_lower"], row["fraction_des_upper"]
    logging.info("DES: %.2f [%.2f, %.2f] of the ejected stars; regions of mocks: %s", *three, seen)


def _draws(args, stars, wanted):
    """Draws of the ejections of some stars, job by job."""
    parts = []
    for folder in batches(stars, int(args.stars_per_job)):
        path = f"{args.folder}/stars/{folder}/ejection_sites.parquet"
        made = {"config": args.fitted_with, "code": args.fitted_by}
        part = tables.gather([path], "ejection_sites", **made)
        parts.append(part[np.isin(np.asarray(part["star"], str), list(wanted))])
    return tables.stack(parts, "ejection_sites")


main()
