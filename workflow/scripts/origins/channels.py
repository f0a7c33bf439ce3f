"""The two channels by the settings of origins and ejections, and the list that they are seen in."""

import numpy as np

from runaways.origins.channels import ChannelModel
from runaways.origins.evidence import Population
from runaways.selection.ellipsoid import HEATING_TIME
from runaways.tables import column
from scripts.ejections.priors import priors
from scripts.job import in_unit


def channel_model(cfg):
    """`ChannelModel` of a rule's settings."""
    made, assumed = cfg["origins"], priors(cfg["ejections.priors"])
    return ChannelModel(
        speeds=made["speeds"],
        slopes=assumed.dynamical_slopes,
        speed_break=assumed.dynamical_break,
        speed_end=assumed.dynamical_end,
        slowest=assumed.slowest,
        median=in_unit(made["speeds_median"], "km / s"),
        width=float(made["speeds_width"]),
        delay=tuple(in_unit(time, "Myr") for time in made["delay_des"]),
        two_step=float(made["two_step"]),
        spin=tuple(float(ratio) for ratio in made["spin"]),
    )


def population(cfg, measured, speeds, selection, ejected):
    """How the list was cut, and what ordinary stars of its age do.

    A list of runaways alone was cut at its slowest star; one that holds others too by the
    thresholds of its selection.
    """
    assumed = priors(cfg["ejections.priors"])
    age = column(measured, "age")[ejected]
    heated = 1.0
    if np.isfinite(age).any():
        heated = (1 + np.nanmedian(age) / assumed.heating_time) ** assumed.heating_power
    dispersions = tuple(sigma * heated for sigma in assumed.stayed_dispersions)
    if fitted := selection.meta.get("ellipsoid"):
        heated = 1.0
        if np.isfinite(age).any():
            heated = (1 + np.nanmedian(age) / HEATING_TIME) ** fitted["heating"]
        dispersions = tuple(sigma * heated for sigma in fitted["sigmas"])
    v_sp, limits = column(speeds, "v_sp")[ejected], selection.meta["thresholds"]
    cuts = {"v_sp_min": limits["space"], "v_tan_min": limits["tangential"]}
    if cfg["origins"]["stars"] == "all":
        cuts = {"v_sp_min": float(np.nanmin(v_sp)) if np.isfinite(v_sp).any() else 0.0}
    error = column(speeds, "v_sp_error")[ejected]
    error = float(np.nanmedian(error)) if np.isfinite(error).any() else 0.0
    return Population(dispersions, assumed.field_dispersion, error, **cuts)
