"""The names that catalogues give what the schema names, and which column of a file is which."""

import os
import re
from dataclasses import dataclass
from difflib import get_close_matches

from runaways.inputs.files import InputError
from runaways.tables import is_column

# Our name to theirs, a unit behind the colon where theirs is not the schema's and the file has no
# place for it. The first that is there counts.
#
# The Gaia archive (DR3 data model, gaia_source and astrophysical_parameters) in any case, as ADQL
# has none.
GAIA = {
    "source_id": "source_id gaia_source_id dr3_source_id gaia_dr3_source_id gaiadr3 gaiaedr3",
    "ra": "ra",
    "dec": "dec",
    "parallax": "parallax",
    "parallax_error": "parallax_error",
    "pmra": "pmra",
    "pmra_error": "pmra_error",
    "pmdec": "pmdec",
    "pmdec_error": "pmdec_error",
    "parallax_pmra_corr": "parallax_pmra_corr",
    "parallax_pmdec_corr": "parallax_pmdec_corr",
    "pmra_pmdec_corr": "pmra_pmdec_corr",
    "phot_g_mean_mag": "phot_g_mean_mag",
    "ruwe": "ruwe",
    "nu_eff_used_in_astrometry": "nu_eff_used_in_astrometry",
    "pseudocolour": "pseudocolour",
    "ecl_lat": "ecl_lat",
    "astrometric_params_solved": "astrometric_params_solved",
    "rv": "radial_velocity dr2_radial_velocity",
    "rv_error": "radial_velocity_error dr2_radial_velocity_error",
    "teff": "teff_gspphot teff_esphs",
    "logg": "logg_gspphot logg_esphs",
    "mh": "mh_gspphot",
    "vsini": "vsini_esphs",
    "vsini_error": "vsini_esphs_uncertainty",
    "ag": "ag_gspphot",
    "distance": "distance_gspphot:pc",
}
# Bailer-Jones et al. 2021 (2021AJ....161..147B), the archive's names and VizieR's (I/352)
BAILER_JONES = {
    "distance": "r_med_geo:pc rgeo:pc",
    "distance_lower": "r_lo_geo:pc b_rgeo:pc",
    "distance_upper": "r_hi_geo:pc B_rgeo:pc",
}
# LAMOST's catalogues (data production description of DR9 and DR10); its errors end in _err
LAMOST = {
    "mh": "feh",
    "mh_error": "feh_err",
    "snr": "snrg",
    "phot_g_mean_mag": "gaia_g_mean_mag",
    "subtype": "subclass",
}
# VizieR's standard names (catstd 2.0) and those of Gaia DR3 there (I/355). Some differ from ours by
# their case alone: they count where a position has VizieR's name, for a lone `RV` may be anything.
VIZIER = {
    "source_id": "Source GaiaDR3 GaiaEDR3 Gaia gaia_id",
    "ra": "RA_ICRS RAdeg _RA.icrs _RA_icrs RAJ2000 _RAJ2000 _RA",
    "dec": "DE_ICRS DEdeg _DE.icrs _DE_icrs DEJ2000 _DEJ2000 _DE",
    "parallax": "Plx plx",
    "parallax_error": "e_Plx e_plx",
    "pmra": "pmRA pmRA*",
    "pmra_error": "e_pmRA e_pmRA*",
    "pmdec": "pmDE",
    "pmdec_error": "e_pmDE",
    "parallax_pmra_corr": "PlxpmRAcor",
    "parallax_pmdec_corr": "PlxpmDEcor",
    "pmra_pmdec_corr": "pmRApmDEcor",
    "phot_g_mean_mag": "Gmag",
    "ruwe": "RUWE",
    "rv": "RV HRV RVel",
    "rv_error": "e_RV e_HRV e_RVel",
    "teff": "Teff",
    "teff_error": "e_Teff",
    "logg": "logg log(g)",
    "logg_error": "e_logg e_log(g)",
    "mh": "[M/H] [Fe/H] __Fe_H_ FeH",
    "mh_error": "e_[M/H] e_[Fe/H] e__Fe_H_ e_FeH",
    "vsini": "vsini Vsini",
    "vsini_error": "e_vsini e_Vsini",
    "subtype": "SpType",
    "ag": "AG",
    "obsid": "ObsID",
    "snr": "snr_g SNRg SNR S/N",
}
VIZIER_POSITIONS = set(VIZIER["ra"].split())
VOCABULARIES = (GAIA, BAILER_JONES, LAMOST, VIZIER)
# TOPCAT and pandas put these behind what both tables of a match have: first the left one's
SUFFIXES = (("_1", "_x"), ("_2", "_y"))
# Known names near one of ours that are something else
OTHERS = "ra_error dec_error ra_dec_corr ra_parallax_corr ra_pmra_corr ra_pmdec_corr"
OTHERS += " dec_parallax_corr dec_pmra_corr dec_pmdec_corr parallax_over_error pm"
OTHERS += " phot_g_mean_mag_error ra_obs dec_obs pseudocolour_error age_lower age_upper"
OTHERS = set(OTHERS.split())
UNIT_WORDS = "deg mas uas masyr mas_yr kms km_s k kk myr gyr kpc pc dex mag".split()
MANY = 10  # columns not used that the schema knows: the table is a product of a run
SHORTEST = 5  # letters of a name in which one may be wrong; `rv` and `ra` are one off; assumed


@dataclass(frozen=True)
class Source:
    """Where a column comes from: its name in the file, and its unit where the file has none."""

    name: str
    unit: str = ""


def find_columns(names, wanted, path, strict=False, vocabularies=VOCABULARIES):
    """Which column of a file is which of the schema.

    Parameters
    ----------
    names : list of str
        Of the file's columns.
    wanted : list of str
        Of the schema's columns that are looked for.
    path : str or Path
        For messages.
    strict : bool
        Whether an unknown name that is nearly a known one is refused; without it names count in
        any case.
    vocabularies : sequence of dict
        Names that count beside the schema's own.

    Returns
    -------
    found : dict
        Name in the schema to `Source`.
    notes : list of str
        What was mapped and what is not used, a line each.

    Raises
    ------
    InputError
        Naming a column that is nearly one of those wanted.
    """
    found = {name: Source(name) for name in wanted if name in names}
    for ending in ("", *SUFFIXES) if vocabularies else ():
        for name in wanted:
            used = {source.name for source in found.values()}
            source = _source(name, [n for n in names if n not in used], names, ending, strict)
            if source:
                found.setdefault(name, source)
    used = {source.name for source in found.values()}
    unknown = [name for name in names if name not in used]
    if strict:
        missing = [name for name in wanted if name not in found]
        _refuse_near(unknown, missing, path, vocabularies[:-1])
    return found, _notes(found, unknown, path)


def _source(wanted, free, names, ending, strict):
    """The first name that a wanted column goes by among the free ones."""
    stems = {name: name for name in free}
    if ending:
        cut = [(name, mark) for mark in ending for name in free if name.endswith(mark)]
        stems = {name.removesuffix(mark): name for name, mark in cut}
    vizier = not VIZIER_POSITIONS.isdisjoint(names) or any(
        name[:-2] in VIZIER_POSITIONS for name in names if name.endswith(sum(SUFFIXES, ()))
    )
    vocabularies = VOCABULARIES if vizier or not strict else VOCABULARIES[:-1]
    known = [Source(wanted)] if ending else []
    if wanted.endswith("_error"):
        stem = wanted.removesuffix("_error")
        known += [Source(name) for name in (f"{stem}_err", f"e_{stem}", f"{stem}_unc")]
    for vocabulary in vocabularies:
        for text in vocabulary.get(wanted, "").split():
            known.append(Source(*text.split(":")))
    for source in known:
        if source.name in stems:
            return Source(stems[source.name], source.unit)
    folded = {name.lower(): name for name in reversed(stems)}
    anycase = [s for s in known if not strict or s.name in GAIA.get(wanted, "").split()]
    anycase += [] if strict else [Source(wanted)]
    for source in anycase:
        if source.name.lower() in folded:
            return Source(stems[folded[source.name.lower()]], source.unit)
    return None


def _squeezed(name):
    """A name without case, signs, a unit in brackets or behind it."""
    name = re.sub(r"[\[(].*[\])]\s*$", "", name.strip()).lower() or name.lower()
    name = name.strip()
    for unit in UNIT_WORDS:
        name = name.removesuffix(f"_{unit}").removesuffix(f" {unit}")
    return re.sub(r"[^a-z0-9]", "", name)


def _refuse_near(unknown, missing, path, vocabularies):
    targets = {}
    for name in missing:
        known = [name, *(v.get(name, "") for v in vocabularies)]
        for text in " ".join(known).split():
            targets.setdefault(_squeezed(text.split(":")[0]), text.split(":")[0])
    others = {_squeezed(name) for name in OTHERS}
    for name in unknown:
        key = _squeezed(name)
        if is_column(name) or key in others:
            continue
        near = [key] if key in targets else [t for t in targets if _one_letter_off(key, t)]
        if near:
            raise InputError(f"{path}: column {name!r}: did you mean {targets[near[0]]!r}?")


def _one_letter_off(name, other):
    """Whether two names differ by one letter: another, one more or less, or two swapped."""
    if min(len(name), len(other)) < SHORTEST or name.endswith("published"):
        return False
    at = len(os.path.commonprefix([name, other]))
    a, b = name[at:], other[at:]
    return a[1:] == b[1:] or a == b[1:] or a[1:] == b or a[1::-1] + a[2:] == b


def nearest(name, names):
    """A hint at the nearest of some names, or nothing."""
    by_key = {_squeezed(other): other for other in names}
    near = get_close_matches(_squeezed(name), by_key, n=1, cutoff=0.6)
    return f"; {by_key[near[0]]!r} is near" if near else ""


def _notes(found, unknown, path):
    mapped = [
        f"{name} = {source.name}" + (f" [{source.unit}]" if source.unit else "")
        for name, source in found.items()
        if source.name != name
    ]
    notes = [f"{path}: columns taken: {', '.join(mapped)}"] if mapped else []
    ours = [name for name in unknown if is_column(name)]
    ours = ours if len(ours) > MANY else []
    theirs = [name for name in unknown if name not in ours]
    if theirs:
        shown = ", ".join(theirs[:20]) + (f" and {len(theirs) - 20} more" if theirs[20:] else "")
        notes.append(f"{path}: columns not used: {shown}")
    if ours:
        notes.append(f"{path}: {len(ours)} columns of a run's products are not used")
    return notes
