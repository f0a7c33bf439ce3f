"""What the scripts of labels share: whose labels count."""

from runaways import tables
from scripts.job import in_unit, joined


def adopted(cfg, fits, lte):
    """Labels of each star from its fits, by `labels.adopt_labels`; `lte` is a path or empty."""
    from runaways import labels  # heavy: only where spectra count

    catalogue = tables.read(lte, "lte_labels") if lte else None
    source = "stand-in grid" if cfg["labels.grid"] == "stand-in" else "NLTE grid"
    coolest = in_unit(cfg["labels.nlte_min_teff"], "K")
    return labels.adopt_labels(labels.join_arms(fits), catalogue, coolest, source)


def measured_labels(args):
    """The labels of a job's stars, and their stand-ins, where ``--label-fits`` is given."""
    if not args.label_fits:
        return None, {}
    fits = tables.read(args.label_fits, "label_fits")
    return adopted(args.cfg, fits, args.lte), joined(fits.meta)
