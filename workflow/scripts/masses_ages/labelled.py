"""Stars with all that their masses and ages rest on, for the scripts that predict or draw them."""

from astropy.units import Quantity

from runaways import tables
from runaways.masses_ages import posterior
from runaways.tables import column
from scripts.job import in_unit
from scripts.labels.adopted import measured_labels, with_labels
from scripts.stars.measured import complete, stars_of

FROM_THE_LIST = ("phot_g_mean_mag", "ag", "ag_error", *posterior.CORRELATIONS)


def labelled_stars(args):
    """The stars ``--names`` with labels, parallax and photometry, and the labels' stand-ins."""
    adopted, stand_in = measured_labels(args)
    stars = with_labels(args, stars_of(args), adopted)
    out = complete(args, stars)
    for name in FROM_THE_LIST:
        out[name] = column(stars, name)
    if args.label_fits:
        out = posterior.with_fit_correlations(out, tables.read(args.label_fits, "label_fits"))
    return out, stand_in


def priors(settings):
    """Section `population` of the configuration."""
    return posterior.Priors(
        imf_slope=settings["imf_slope"],
        look_back=in_unit(settings["look_back"], "Myr"),
        mh_mean=Quantity(settings["mh_mean"]).value,
        mh_sigma=Quantity(settings["mh_sigma"]).value,
        list_teff=in_unit(settings["list_teff"], "K"),
        list_slope=settings["list_slope"],
    )
