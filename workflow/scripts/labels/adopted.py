"""Whose labels count, for the scripts that fit labels and for those that use them."""

import numpy as np

from runaways import tables
from runaways.labels import adoption
from runaways.labels.names import LABELS
from runaways.labels.resemblance import Limits
from scripts.job import assumed_errors, in_unit, joined


def adopted(cfg, fits, lte):
    """Labels of each star from its fits, by `adoption.adopt_labels`; `lte` is a path or empty."""
    catalogue = tables.read(lte, "lte_labels") if lte else None
    source = "stand-in grid" if cfg["labels.grid"] == "stand-in" else "NLTE grid"
    coolest = in_unit(cfg["labels.nlte_min_teff"], "K")
    limits = Limits(**cfg["labels.veto"], coolest=coolest * (1 + adoption.EDGE))
    labels = adoption.join_arms(fits, limits)
    return adoption.adopt_labels(labels, catalogue, coolest, source)


def measured_labels(args):
    """The labels of a job's stars for masses and ages, and their stand-ins.

    None without ``--label-fits``. Labels outside the training grid give no mass and no age.
    """
    if not args.label_fits:
        return None, {}
    fits = tables.read(args.label_fits, "label_fits")
    labels = adopted(args.cfg, fits, args.lte)
    for name in LABELS:
        labels[name][np.asarray(labels["extrapolated"])] = np.nan
    return labels, joined(fits.meta)


def with_labels(args, stars, labels):
    """The stars with the adopted labels; as the list has them where `labels` is None."""
    if labels is None:
        return stars
    return adoption.with_labels(stars, labels, assumed_errors(args.cfg["errors"]))
