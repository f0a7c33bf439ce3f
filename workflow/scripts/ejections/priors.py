"""What ejections assume, by the settings."""

from dataclasses import fields

from runaways.ejections.priors import UNITS, Priors
from scripts.job import in_unit


def priors(settings):
    """Section `ejections.priors` of the configuration as numbers."""
    return Priors(**{field.name: _plain(settings, field.name) for field in fields(Priors)})


def _plain(settings, name):
    value, unit = settings[name], UNITS.get(name)
    if isinstance(value, list):
        return tuple(_number(item, unit) for item in value)
    return _number(value, unit)


def _number(value, unit):
    return float(value) if unit is None else in_unit(value, unit)
