"""Whose labels count, for the scripts that fit labels and for those that use them."""

from runaways import tables
from runaways.labels import adoption
from scripts.job import assumed_errors, in_unit, joined


def adopted(cfg, fits, lte):
    """Labels of each star from its fits, by `adoption.adopt_labels`; `lte` is a path or empty."""
    catalogue = tables.read(lte, "lte_labels") if lte else None
    source = "stand-in grid" if cfg["labels.grid"] == "stand-in" else "NLTE grid"
    coolest = in_unit(cfg["labels.nlte_min_teff"], "K")
    return adoption.adopt_labels(adoption.join_arms(fits), catalogue, coolest, source)


def measured_labels(args):
    """The labels of a job's stars, and their stand-ins, where ``--label-fits`` is given."""
    if not args.label_fits:
        return None, {}
    fits = tables.read(args.label_fits, "label_fits")
    return adopted(args.cfg, fits, args.lte), joined(fits.meta)


def with_labels(args, stars, labels):
    """The stars with the adopted labels; as the list has them where `labels` is None."""
    if labels is None:
        return stars
    return adoption.with_labels(stars, labels, assumed_errors(args.cfg["errors"]))
