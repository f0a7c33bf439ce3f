"""V_Sp against v sin i over what the two channels are expected to give, and the share of DES."""

import logging

import numpy as np

from runaways import tables
from runaways.figures import origins, style
from runaways.figures.notes import ORBIT
from runaways.origins import channels, evidence, inference, rotation
from scripts.ejections.priors import priors
from scripts.figures.notes import of_ages, of_catalogue
from scripts.job import arguments, stamp
from scripts.origins.channels import channel_model

SPEEDS = np.geomspace(20.0, 1000.0, 120)  # km/s


def main():
    names = ("catalogue", "origins", "posterior", "companions", "style")
    args = arguments(__doc__, *names, lists=["out"])
    catalogue = tables.read(args.catalogue, "catalogue")
    companions = tables.read(args.companions, "binary_companions")
    own = companions[companions["population"] == channels.OWN]
    cut = tables.read(args.origins, "origins").meta["cut"]
    birth = priors(args.cfg["ejections.priors"]).field_dispersion
    around = evidence.Population((0.0, 0.0, 0.0), birth, cut["error"], cut["v_sp_min"])
    densities = {}
    for kind, parts in inference.models_of(channel_model(args.cfg), own).items():
        density = evidence.in_plane(parts, around, SPEEDS) * SPEEDS[:, None]  # per ln(speed)
        densities[kind] = np.where(SPEEDS[:, None] > cut["v_sp_min"], density, np.nan)
    style.use_style(args.style)
    figure = origins.draw_channels(
        catalogue,
        SPEEDS,
        rotation.VSINI,
        densities,
        tables.read(args.posterior, "origin_posterior"),
        cut["v_sp_min"],
        notes=of_catalogue(catalogue, (*ORBIT, "vsini"), "stand_in_clusters", *of_ages(catalogue)),
    )
    style.save(figure, args.out, **stamp(args))
    logging.info("%s: %d rows", " ".join(args.out), len(catalogue))


main()
