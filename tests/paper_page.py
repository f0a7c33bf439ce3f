"""docs/paper-table.md: what the audit finds in Table A.1 of Guo et al. 2025.

``python tests/reference_pages.py`` writes it. Every number is the audit's; the words are here.
"""

import re
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "workflow"))
MADE = "<!-- made by tests/reference_pages.py from the audit; edit tests/paper_page.py -->\n"
# check, heading, how it is found and what it means
SECTIONS = (
    (
        "source_id", "Gaia ids that name another place",
        """The first digits of a Gaia id are a pixel of the sky: `source_id >> 35` is the nested
        HEALPix pixel of level 12 (ICRS). These do not hold their star; the position gives the first
        digits of the right one. An id is data here, never the key of a star.""",
    ),
    (
        "source_id_repeated", "One id, two stars",
        "Two rows with one id, too far apart to be one star. Whose it is the position says.",
    ),
    (
        "name_repeated", "One name, two stars",
        """Two rows with one name, too far apart to be one star. Whose it is the table does not
        say.""",
    ),
    (
        "z_sign", "Z without its sign",
        """All rows have Z = d abs(sin b) + z_sun, with d = 1/parallax: stars south of the plane are
        printed north of it, with the Sun's height added on the wrong side.""",
    ),
    (
        "vector", "(U, V, W) that are not the star's own",
        """Position, distance and proper motion leave one number of the space velocity open, the
        radial velocity: three printed numbers are two more than that. Of these rows no radial
        velocity gives the vector; the residual is what the best one leaves. They are just the rows
        with a printed V_Sp below 43 km/s. That V_Sp is their own, and gives the radial velocity up
        to its sign; which sign is right is not in the table.""",
    ),
    (
        "speed", "V_Sp that its own velocity does not give",
        """V_Sp is computed from the radial velocity that (U, V, W) give, with the paper's R0,
        v_circ and solar motion. Less than the tangential velocity alone is impossible, whatever
        the radial velocity.""",
    ),
    (
        "threshold", "Runaways by neither threshold",
        """The sample has V_Sp above 43 or V_tan above 33 km/s (Sect. 2). V_tan is a part of V_Sp,
        so that a V_Sp below 33 km/s passes neither; computed is V_tan from the astrometry.""",
    ),
    (
        "grid_flag", "Flags that do not follow the stated grid",
        """Sect. 3.3 states 7000 to 49 000 K, log g 0.55 to 4.52 and [M/H] -0.6 to 0.6. Either the
        flag is wrong or another box was used; the table does not say which.""",
    ),
    (
        "labels", "Labels that several stars share",
        """Two stars may have one Teff, log g and [M/H] by chance; so many to the last digit do not.
        What is right is not in the table.""",
    ),
    (
        "vsini", "v sin i of exactly zero",
        "An upper limit, printed as a value. The limit is not in the table.",
    ),
)  # fmt: skip


def findings():
    """The audit of the table as the paper's run makes it, the table, and what the paper states."""
    from astropy.units import Quantity

    from runaways.audit import checks
    from runaways.frames import Frame
    from runaways.stars import star_list

    config = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())
    stated = yaml.safe_load((ROOT / config["paper"]).read_text())
    stars, _ = star_list.read(ROOT / config["stars"])
    # Guo et al. 2025, Sect. 3.4, and for the Sun's height Bennett & Bovy 2019
    frame = Frame(r0=8.5, v_circ=220.0, v_sun=(11.10, 12.24, 7.25), z_sun=0.0208)
    names = ("v_sp_min", "v_tan_min")
    limits = {n: Quantity(config["selection"][n]).to_value("km / s") for n in names}
    return checks.audit(stars, frame, stated["grid"], **limits), stars, stated


def page():
    """Markdown: each fault with its star, what is printed, what is right and how it shows."""
    audit, stars, stated = findings()
    rows = [dict(zip(audit.colnames, map(str, row))) for row in audit]
    names = {str(star["star"]): str(star["name"]) for star in stars}
    faults = [row for row in rows if row["severity"] == "fault"]
    lines = [
        "# What the paper's table gets wrong",
        "",
        f"Table A.1 of Guo et al. 2025 (A&A, accepted 20 November 2025) contradicts itself "
        f"{len(faults)} times, in {len({row['star'] for row in faults})} of its {len(stars)} rows.",
        "The stage `audit` finds that from the table alone; a run has it in",
        "`results/paper/audit.ecsv` and on the pages of the stars.",
        "`resources/guo2025_table_a1.ecsv` is the table to the letter, with nothing mended.",
        "",
        "| check | faults | notes |",
        "|---|---|---|",
        *_counts(rows, audit.meta["checks_run"]),
        "",
        "A note is what columns were made with, or hide.",
        "",
        "## What its columns were made with",
        "",
        *_table_notes(rows),
    ]
    for check, heading, how in SECTIONS:
        lines += ["", f"## {heading}", "", " ".join(how.split()), "", *_section(check, rows, names)]
    lines += ["", "## Beside the table", "", *_beside(stars, stated)]
    return MADE + "\n".join(lines) + "\n"


def _counts(rows, run):
    for check in run:
        kinds = [row["severity"] for row in rows if row["check"] == check]
        yield f"| `{check}` | {kinds.count('fault')} | {kinds.count('note')} |"


def _table_notes(rows):
    for row in rows:
        if row["star"] == "(table)":
            said = f" (stated: {_safe(row['printed'])})" if row["printed"] else ""
            yield f"- `{row['check']}`: {_safe(row['computed'])}{said}: {_safe(row['note'])}."


def _section(check, rows, names):
    """A table of a check's faults, then its notes."""
    found = [row for row in rows if row["check"] == check and row["star"] != "(table)"]
    found.sort(key=lambda row: row["severity"])
    computed = {(row["check"], row["star"]): row["computed"] for row in rows}
    lists = []
    for row in found:
        right, why = row["computed"], row["note"]
        if check == "vector":
            right, why = f"RV {computed['radial_velocity', row['star']]}", f"{right}; {why}"
        if check == "source_id_repeated":
            right = computed.get(("source_id", row["star"]), "its own, by its position")
        mark = "" if row["severity"] == "fault" else "note: "
        lists.append([row["star"], names[row["star"]], row["printed"], right, mark + why])
    heads = ["star", "name", "printed", "computed", "how it shows"]
    kept = [i for i in range(4) if any(cells[i] for cells in lists)]
    kept += [4] if len({cells[4] for cells in lists}) > 1 else []
    yield f"| {' | '.join(heads[i] for i in kept)} |"
    yield "|---" * len(kept) + "|"
    for cells in lists:
        yield f"| {' | '.join(_safe(cells[i]) for i in kept)} |"


def _beside(stars, stated):
    (star,) = (star for star in stars if str(star["star"]) == "J024547+543241")
    yield (
        f"- The star matched with NGC 2236, {star['star']} ({star['name']}), has "
        f"{star['teff']:.0f} K in the table and 9890 K in the text (Sect. 4.2)."
    )
    for age in stated["ages"]:
        printed = f"{age['name']}, {age['published']} Myr"
        yield f"- The age of {printed}, does not follow from its labels: {age['reason']}."
    yield "- The table has no radial velocities and no errors; what a run does about it:"
    yield "  [Stars and distances](method.md#stars-and-distances)."


def _safe(text):
    """Text that stays in its cell and is no markup of its own."""
    text = re.sub(r"\.{4,}", lambda dots: "…", " ".join(str(text).split()))
    return re.sub(r"([|*_])", r"\\\1", text).replace("<", "&lt;").replace("+-", "±")
