"""The report: one HTML file that needs nothing else, for a screen, a phone and paper."""

from base64 import b64encode
from pathlib import Path

import itables
import numpy as np
from astropy.units import Unit
from docutils.core import publish_parts
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from runaways.report import answer, drawing, flags
from runaways.report.flags import number, share
from runaways.tables import column_schema

PAGES = 500  # stars with a page of their own: a file of 100 MB
ROWS = 5000  # stars in the table of all, more of which a browser sorts slowly
ENCOUNTERS = 8  # of a star, the most probable
# of the table of all stars: column of the catalogue, heading
COLUMNS = (
    ("ra", "RA"),
    ("dec", "Dec"),
    ("distance", "d"),
    ("v_sp", "v_sp"),
    ("is_runaway", "runaway"),
    ("subtype", "type"),
    ("mass", "mass"),
    ("age", "age"),
    ("p_ejected", "p ejected"),
    ("t_ejection", "t ejection"),
    ("v_ejection", "v ejection"),
    ("orbit_class", "orbit"),
    ("cluster_verdict", "cluster met"),
    ("status", "status"),
)


def write(template, run, settings, catalogue, parts):
    """The whole page.

    Parameters
    ----------
    template : str
        Jinja.
    run : str
        Name of the run.
    settings : dict
        The configuration, nested.
    catalogue : Table
        Table ``catalogue``.
    parts : dict
        ``figures``: list of (name, PNG, caption as HTML); ``drawings``: function of a row of the
        catalogue that gives what `drawing.draw_star` does; ``sources`` and
        ``encounters``: tables of these names; ``board`` and ``audit``: tables, or None.

    Returns
    -------
    str
    """
    order = np.argsort(~np.asarray(catalogue["is_runaway"], bool), kind="stable").tolist()
    with_page = set(order[:PAGES])
    stars = [
        _star(catalogue[i], i in with_page, settings, catalogue.meta, parts)
        for i in sorted(order[:ROWS])
    ]
    pages = [star for star in stars if star["page"]]
    for before, after in zip(pages, pages[1:]):
        before["after"], after["before"] = after["id"], before["id"]
    by_id = {star["id"]: star for star in stars}
    board = _rows(parts["board"])
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.from_string(template).render(
        run=run,
        settings=settings,
        counts=answer.counts(catalogue),
        n_runaways=int(np.sum(catalogue["is_runaway"])),
        named=[
            by_id[_id(row)] | _flight(row)
            for row in answer.from_clusters(catalogue)
            if _id(row) in by_id
        ],
        failed=[
            by_id[_id(row)] for row in catalogue if row["status"] != "ok" and _id(row) in by_id
        ],
        n_stars=len(catalogue),
        unseen=answer.unseen(catalogue),
        rests_on=answer.rests_on(catalogue.meta),
        heads=_heads(),
        stars=stars,
        pages=PAGES,
        without_page=len(stars) - len(pages),
        figures=[_figure(name, data, Markup(text)) for name, data, text in parts["figures"]],
        board=board,
        agree=sum(bool(row["agrees"]) for row in board),
        audit=_rows(parts["audit"]),
        tables_css=Markup(_bundle(".css")),
        bundle=_base64(_bundle(".js").encode()),
    )


def caption_of(text, **values):
    """A caption of Snakemake's report as HTML.

    Parameters
    ----------
    text : str
        reStructuredText with Jinja, in which the configuration is ``snakemake.config``.
    **values
        What stands for ``snakemake``: ``config``, ``wildcards``.

    Returns
    -------
    str
    """
    rst = Environment(undefined=StrictUndefined).from_string(text).render(snakemake=values)
    return publish_parts(rst, writer="html5", settings_overrides={"report_level": 5})["fragment"]


def _bundle(suffix):
    return (Path(itables.__file__).parent / "html" / f"dt_bundle{suffix}").read_text("utf-8")


def _base64(data):
    return b64encode(data).decode("ascii")


def _figure(name, data, caption):
    return {"name": name, "data": _base64(data), "caption": caption}


def _id(row):
    return f"star-{row['star']}"


def _rows(table):
    if table is None:
        return []
    return [{k: "" if np.ma.is_masked(row[k]) else row[k] for k in table.colnames} for row in table]


def _heads():
    heads = [{"text": "star", "number": False, "title": ""}]
    heads.append({"text": "where from", "number": False, "title": "Verdict on the ejection"})
    heads.append({"text": "p", "number": True, "title": "Probability of what stands before"})
    for name, text in COLUMNS:
        schema = column_schema(name)
        unit = f" [{Unit(schema['unit']):unicode}]" if "unit" in schema else ""
        is_number = schema["dtype"] == "float64"
        heads.append({"text": text + unit, "number": is_number, "title": schema["description"]})
    return heads


def _number_cell(name, value):
    known = bool(np.isfinite(value))
    # what is unknown comes last
    order = repr(float(value)) if known else "1e99"
    text = number(value) if known else ""
    if known and name in ("ra", "dec"):
        text = f"{value:.4f}"
    elif known and name.startswith("p_"):
        text = share(value)
    return {"text": text, "number": True, "order": order}


def _cells(row, title):
    cells = [{"text": title, "number": False}, {"text": answer.source(row), "number": False}]
    cells.append(_number_cell("p_source", answer.probability(row)))
    for name, _ in COLUMNS:
        kind = column_schema(name)["dtype"]
        if kind == "float64":
            cells.append(_number_cell(name, row[name]))
        else:
            words = {"True": "yes", "False": "no"}
            cells.append({"text": words.get(str(row[name]), str(row[name])), "number": False})
    return cells


def _title(row):
    name = str(row["name"]) if "name" in row.colnames and row["name"] else ""
    return f"{row['star']} ({name})" if name and name != row["star"] else str(row["star"])


def _flight(row):
    return {
        "cluster": str(row["ejection_cluster"]),
        "time": number(row["t_ejection"], unit="Myr"),
        "speed": number(row["v_ejection"], unit="km/s"),
    }


def _star(row, page, settings, meta, parts):
    p = answer.probability(row)
    star = {"id": _id(row), "title": _title(row), "page": page, "before": "", "after": ""}
    star |= {"source": answer.source(row), "p": share(p) if np.isfinite(p) else ""}
    star |= {"cells": _cells(row, star["title"]), "reason": str(row["reason"])}
    if not page:
        return star
    sources = parts["sources"][parts["sources"]["star"] == row["star"]]
    met = parts["encounters"][parts["encounters"]["star"] == row["star"]]
    met = met[np.argsort(-np.asarray(met["p_encounter"]))][:ENCOUNTERS]
    return star | {
        "story": answer.story(row),
        "flags": flags.of_star(row, settings, meta["thresholds"]),
        "figures": [
            _figure(name, data, drawing.CAPTIONS[name])
            for name, data in parts["drawings"](row).items()
        ],
        "sources": [_source(one) for one in sources],
        "encounters": [_encounter(one) for one in met],
    }


def _source(row):
    words = {"field": "the disk outside known clusters", "centre": "the Galactic centre"}
    words["stayed"] = "never ejected (its probability of all)"
    name = str(row["source_of_ejection"])
    times = {"time": _known(row["t_ejection"]), "speed": _known(row["v_ejection"])}
    return {"source": words.get(name, name), "p": share(row["p_source"])} | times


def _encounter(row):
    return {
        "cluster": str(row["cluster"]),
        "p": share(row["p_encounter"]),
        "chance": _known(row["p_chance"]),
        "separation": _known(row["separation"]),
        "time": _known(row["flight_time"]),
        "speed": _known(row["ejection_velocity"]),
        "verdict": str(row["verdict"]),
        "why": str(row["why"]),
    }


def _known(value):
    return number(value) if np.isfinite(value) else ""
