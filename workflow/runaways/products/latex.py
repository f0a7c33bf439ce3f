"""A table for a paper, with the columns of Table A.1 of Guo et al. 2025."""

import numpy as np

from runaways.products.cds import SAID

# column, head, unit, decimals; Guo et al. 2025, Table A.1
COLUMNS = (
    ("ra", "RA", "deg", 4),
    ("dec", "Dec", "deg", 4),
    ("parallax", r"$\varpi$", "mas", 4),
    ("pmra", r"$\mu_{\alpha*}$", r"mas\,yr$^{-1}$", 3),
    ("pmdec", r"$\mu_\delta$", r"mas\,yr$^{-1}$", 3),
    ("teff", r"$T_{\rm eff}$", "K", 0),
    ("logg", r"$\log g$", "dex", 2),
    ("mh", "[M/H]", "dex", 2),
    ("vsini", r"$v \sin i$", r"km\,s$^{-1}$", 0),
    ("mass", "$M$", r"$M_\odot$", 1),
    ("age", "Age", "Myr", 1),
    ("v_sp", r"$V_{\rm Sp}$", r"km\,s$^{-1}$", 2),
    ("x", "$x$", "kpc", 2),
    ("y", "$y$", "kpc", 2),
    ("z", "$z$", "kpc", 2),
    ("v_x", "$v_x$", r"km\,s$^{-1}$", 2),
    ("v_y", "$v_y$", r"km\,s$^{-1}$", 2),
    ("v_z", "$v_z$", r"km\,s$^{-1}$", 2),
)
SPECIAL = str.maketrans({c: rf"\{c}" for c in "_%&#$"})


def table_of(catalogue):
    """The catalogue as a ``longtable``, with errors where there are any and the stamps as notes.

    Parameters
    ----------
    catalogue : Table
        Table ``catalogue``.

    Returns
    -------
    str
        To be put into a landscape page with ``\\input``; needs the packages longtable and booktabs.
    """
    n = len(COLUMNS) + 4
    said = [f"% {key}: {value}" for key, value in catalogue.meta.items() if key in SAID]
    notes = [f"{key.replace('_', ' ')}: {value}" for key, value in catalogue.meta.items()]
    notes = [
        note.translate(SPECIAL) for key, note in zip(catalogue.meta, notes) if key in SAID[1:-1]
    ]
    heads = ["Star", "\\textit{Gaia} DR3", *(c[1] for c in COLUMNS), "Subtype", "Grid"]
    units = ["", "", *(f"({c[2]})" for c in COLUMNS), "", ""]
    lines = [
        *said,
        rf"\begin{{longtable}}{{ll*{{{len(COLUMNS)}}}{{r}}ll}}",
        r"\caption{Stars of the list. I and O: inside and outside the grid of tracks.}\\",
        r"\toprule",
        " & ".join(heads) + r" \\",
        " & ".join(units) + r" \\",
        r"\midrule \endhead",
        *(_row(star) for star in catalogue),
        r"\bottomrule",
        *(rf"\multicolumn{{{n}}}{{l}}{{\footnotesize {note}}}\\" for note in notes),
        r"\end{longtable}",
    ]
    return "\n".join(lines) + "\n"


def _row(star):
    name = star["name"] if "name" in star.colnames and star["name"] else star["star"]
    cells = [_number(star, column, decimals) for column, _, _, decimals in COLUMNS]
    flag = "I" if star["inside_grid"] else "O"
    words = [str(name), str(star["source_id"])]
    ends = [str(star["subtype"]), flag]
    texts = [text.translate(SPECIAL) for text in (*words, *ends)]
    return " & ".join([*texts[:2], *cells, *texts[2:]]) + r" \\"


def _number(star, column, decimals):
    value = star[column]
    if not np.isfinite(value):
        return r"\dots"
    error = f"{column}_error"
    error = star[error] if error in star.colnames else np.nan
    pm = rf" \pm {error:.{decimals}f}" if np.isfinite(error) else ""
    return f"${value:.{decimals}f}{pm}$"
