"""Units as catalogues write them, to those of the schema: one function for every table."""

import re
import warnings

import numpy as np
from astropy import units as u

# Gaia's older exports write `Angle[mas]`; VizieR `[cm/s2]` for a logarithm
QUANTITY = re.compile(r"[A-Za-z][A-Za-z ]*\[(.+)\]")
LOGARITHM = re.compile(r"\[(.*)\]|(?:dex|log(?:_?10)?)\s*\((.*)\)")
NONE = {"", "-", "--", "---", "none", "null", "unitless", "dimensionless", "see description", "n/a"}
DEX = {"", "sun", "-", "---", "solar"}  # of what a logarithm is taken where it is a ratio
WORDS = {
    "year": "yr",
    "years": "yr",
    "julian years": "yr",
    "sec": "s",
    "degree": "deg",
    "degrees": "deg",
    "hours": "hourangle",
    "hour": "hourangle",
    "h": "hourangle",
    "hr": "hourangle",
    "msun": "solMass",
    "m_sun": "solMass",
    "lsun": "solLum",
    "kelvin": "K",
    "milliarcsec": "mas",
    "milliarcsecond": "mas",
    "milliarcseconds": "mas",
    "magnitude": "mag",
}
SEXAGESIMAL = {'"h:m:s"': "hourangle", "h:m:s": "hourangle", '"d:m:s"': "deg", "d:m:s": "deg"}


def unit_of(text):
    """A unit as a catalogue writes it.

    Parameters
    ----------
    text : str
        ``mas.yr**-1``, ``mas yr-1``, ``Angle[mas]``, ``[cm/s2]``, ``log(yr)``, ``dex``, ...

    Returns
    -------
    Unit or None
        Logarithms as `astropy.units.dex` of what is in them; None where the text is no unit but
        says that there is none.

    Raises
    ------
    ValueError
        If it is no unit that anybody writes.
    """
    text = str(text).strip()
    if text.lower() in NONE:
        return None
    if text.lower() in SEXAGESIMAL:
        return u.Unit(SEXAGESIMAL[text.lower()])
    if found := LOGARITHM.fullmatch(text):
        inner = (found[1] if found[1] is not None else found[2]).strip()
        return u.dex if inner.lower() in DEX else u.dex(unit_of(inner))
    if found := QUANTITY.fullmatch(text):
        return unit_of(found[1])
    return _parsed(text)


def _parsed(text):
    words = re.sub(r"[A-Za-z_]+(?: years)?", lambda m: WORDS.get(m[0].lower(), m[0]), text)
    tried = dict.fromkeys((words, words.replace("^", "**"), words.replace("−", "-"), text))
    for candidate in tried:
        for style in ("generic", "cds", "vounit"):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    return u.Unit(candidate, format=style)
            except (ValueError, TypeError):
                continue
    raise ValueError(f"has the unit {text!r}, which is none that we know")


def converted(values, text, wanted):
    """Values in the schema's unit.

    Parameters
    ----------
    values : ndarray of float
    text : str
        Unit of the file, as written there; empty for the schema's own.
    wanted : str or None
        Unit of the schema.

    Returns
    -------
    ndarray of float

    Raises
    ------
    ValueError
        Saying what the unit is, if it cannot be converted.
    """
    own = unit_of(text)
    if own is None or wanted is None:
        return values
    wanted = u.Unit(wanted)
    said = f"is in {str(text).strip()}, expected {wanted}"
    try:
        logarithms = [isinstance(unit, u.function.FunctionUnitBase) for unit in (own, wanted)]
        if logarithms[1] and own == u.dex:
            return values  # a logarithm of what the schema says it is of
        if logarithms == [True, False]:
            with np.errstate(over="ignore"):
                return u.Dex(values, own).physical.to_value(wanted)
        if logarithms == [False, True]:
            raise ValueError(said)
        return values if own == wanted else u.Quantity(values, own).to_value(wanted)
    except (u.UnitsError, TypeError):
        raise ValueError(said) from None
