"""Planted tables for the tests of figures, and what a figure says and shows."""

from pathlib import Path

import numpy as np
from astropy.table import Table, vstack
from matplotlib.text import Text

from runaways import tables
from runaways.ejections.rows import to_table
from runaways.figures import bodies, ejections, origins, style
from runaways.figures.orbits import draw_orbits

STYLE = Path(style.__file__).with_name("paper.mplstyle")
N_DRAWS = 256


def planted_orbit(star, branches=1, age=40.0):
    """Circular orbits at R = 9 and, for the other radial velocity, 10 kpc; Z a sine of 0.3 kpc."""
    rows = []
    for branch in range(branches):
        time = np.linspace(0, age, 1001)
        angle, radius = -0.025 * time, 9.0 + branch
        place = [radius * np.cos(angle), radius * np.sin(angle), 0.3 * np.sin(0.07 * time)]
        names = ["x", "y", "z", "v_x", "v_y", "v_z"]
        one = Table([*place, *np.zeros((3, time.size))], names=names)
        one["star"], one["rv_branch"], one["look_back_time"] = star, branch, time
        rows.append(one)
    return tables.conform(vstack(rows), "orbit")


def planted_stars(*names):
    """Places and radial velocities; of the second only V_Sp is known."""
    out = Table({"star": names})
    out["ra"], out["dec"], out["rv"], out["rv_alternative"] = 57.6713, -5.25, 20.0, -31.0
    return out


def planted_births(star, orbit, failed=0, reason=""):
    rng = np.random.default_rng(7)
    out = Table({"star": [star] * N_DRAWS, "draw": np.arange(N_DRAWS)})
    out["rv_branch"] = out["draw"] % 2
    for name in tables.table_schema("birthplaces")["required"][3:-1]:
        out[name] = rng.normal(0, 0.1, N_DRAWS)
    for name in "xyz":
        out[f"birth_{name}"] += orbit[name][1000] if len(orbit) else np.nan
    out["birth_z"][:failed] = np.nan
    out["reason"] = reason
    return tables.conform(out, "birthplaces")


def planted_catalogue():
    """Six stars: four in the four regions, one without vsini, one that was not traced."""
    out = Table({"star": list("ABCDEF")})
    out["v_sp"] = [200.0, 150.0, 40.0, 50.0, 60.0, 70.0]
    out["v_sp_error"] = [10.0, np.nan, 8.0, 5.0, 5.0, 5.0]
    out["vsini"] = [20.0, 250.0, 30.0, 100.0, np.nan, 10.0]
    out["vsini_error"] = 42.0
    classes = "outside-disk disk-passing disk-confined disk-confined disk-passing"
    out["orbit_class"] = [*classes.split(), ""]
    out["inside_grid_published"] = [True, False, True, True, True, True]
    out["z_max"] = [2.0, 0.8, 0.2, 0.3, 0.6, np.nan]
    out["z_max_lower"], out["z_max_upper"] = out["z_max"] * 0.8, out["z_max"] * 1.3
    out["p_birth_in_disk"] = [0.01, 0.6, 1.0, 1.0, 0.5, np.nan]
    out["p_birth_in_disk_null"] = [0.2, 0.1, 1.0, 1.0, 0.5, np.nan]
    out["better_than_null"] = [False, True, False, False, False, False]
    out["n_draws"], out["n_draws_failed"] = N_DRAWS, 0
    out["origin"] = ["DES", "undecided", "undecided", "BSS", "unknown", "undecided"]
    return out


PAIRS = {"bodies": ("J01", "NGC 884"), "from a cluster": ("", "NGC 884"), "two": ("J01", "")}
PAIRS |= {"a dark body": ("J0537-6910", ""), "never met": ("J01", "NGC 884", 0)}
EJECTED = {"cluster": "NGC 884", "clusters": "NGC 869", "field": "NGC 457", "centre": ""}
EJECTED |= {"open": "NGC 457", "not ejected": "NGC 869", "no result": ""}


def planted_ejections():
    """A star for each verdict, some 0.5 kpc from where it left."""
    rows = []
    for i, (verdict, cluster) in enumerate(EJECTED.items()):
        row = {"star": f"J0{i}", "verdict": verdict, "cluster": cluster, "p_ejected": 0.9}
        row |= {"p_cluster": 0.7, "p_cluster_best": 0.55, "p_field": 0.29, "p_centre": 0.01}
        row |= {"t_ejection": 8.0, "x_ejection": 8.8 + i / 10, "y_ejection": -1.7}
        row["why"] = (
            f"Ejected from {cluster} 8.0 Myr ago at 60 km/s: 0.70 for a catalogued cluster."
        )
        row["why"] += " Its radial velocity is not known: all are allowed." * (3 * i)
        rows.append(row if verdict != "no result" else {"star": "J06", "verdict": verdict})
    return to_table(rows, "ejections")


def planted_places():
    """What the figure of all ejections reads of ``catalogue`` and ``clusters``."""
    n = len(EJECTED)
    stars = Table({"star": [f"J0{i}" for i in range(n)], "ra": np.linspace(20, 300, n)})
    stars["dec"], stars["x"], stars["y"] = np.linspace(-50, 60, n), 9.0, np.linspace(0, 0.6, n)
    clusters = Table({"name": ["NGC 457", "NGC 869", "NGC 884"]})
    clusters["ra"], clusters["dec"] = [19.9, 34.7, 35.6], [58.3, 57.1, 57.1]
    return stars, clusters


def planted_sites(star, n=400):
    """Draws of an ejection on the planted orbit, 8 Myr ago, from four kinds of source."""
    rng = np.random.default_rng(5)
    kinds = np.repeat(["cluster", "cluster", "field", "centre"], n // 4)
    names = np.repeat(["NGC 884", "NGC 869", "field", "centre"], n // 4)
    time = rng.normal(8, 0.5, len(kinds))
    place = [9 * np.cos(0.025 * time), -9 * np.sin(0.025 * time), rng.normal(0.1, 0.02, len(time))]
    names = [[star] * len(kinds), names, kinds, time, *place]
    names += [np.full(len(time), 60.0), np.full(len(time), 2.0)]
    return Table(names, names=tables.table_schema("ejection_sites")["required"])


def planted_pair(second, cluster, n=400):
    """A named hypothesis: its row, orbits, the path of the cluster, and draws."""
    row = {"pair": "J00 + J01", "first": "J00", "second": second, "cluster": cluster, "bayes": 9.0}
    row |= {"t_ejection": 8.0, "t_ejection_lower": 7.5, "t_ejection_upper": 8.5}
    row["why"] = (
        "J00 and J01 from NGC 884 8 Myr ago, 90 km/s apart: Bayes factor 9 for one place"
        + (", 2020 for the cluster against anywhere." if cluster and second else ".")
    )
    sites = planted_sites("J00", n)
    drawn = sites[["x_ejection", "y_ejection", "z_ejection"]]
    drawn["look_back_time"], drawn["pair"] = sites["look_back_time"], row["pair"]
    for name in ("v_first", "v_second", "v_relative"):
        drawn[name] = 60.0
    path = planted_orbit("")[["look_back_time", "x", "y", "z", "v_x", "v_y", "v_z"]]
    path["y"] = path["y"] + 0.2
    path["star"], path["cluster"] = "", cluster
    path = tables.conform(path if cluster else path[:0], "cluster_path")
    orbits = vstack([planted_orbit("J00"), planted_orbit("J01", 2)], metadata_conflicts="silent")
    return to_table([row], "pairs")[0], orbits, path, tables.conform(drawn, "pair_sites")


def said(figure):
    return "\n".join(text.get_text() for text in figure.findobj(Text))


def shown(figure):
    """Texts that are drawn, with their boxes in pixels; ticks off the axes are not."""
    figure.draw_without_rendering()
    off = set()
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            drawn = axis._update_ticks()
            ticks = set(axis.get_major_ticks() + axis.get_minor_ticks()) - set(drawn)
            off |= {label for tick in ticks for label in (tick.label1, tick.label2)}
    renderer = figure.canvas.get_renderer()
    return [
        (text.get_text(), text.get_window_extent(renderer))
        for text in figure.findobj(Text)
        if text.get_text().strip() and text.get_visible() and text not in off
    ]


def check_texts(figure):
    """Assert that every text is inside the figure and covers no other."""
    boxes = shown(figure)
    for text, box in boxes:
        assert box.x0 >= 0 and box.y0 >= 0, text
        assert box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1, text
    for i, (text, box) in enumerate(boxes):
        for other, second in boxes[i + 1 :]:
            assert not box.padded(-0.5).overlaps(second.padded(-0.5)), (text, other)


def planted_channels(rows=slice(None)):
    """Some of the planted stars over two planted channels, and three posteriors."""
    v_sp, vsini = np.geomspace(30, 900, 40), np.linspace(0, 400, 30)
    bump = np.exp(-(((vsini - 150) / 80) ** 2)) * np.exp(-(np.log(v_sp / 60) ** 2))[:, None]
    grid = np.tile(np.linspace(0.01, 0.99, 50), 3)
    columns = {"prior": np.repeat(["own", "other", "third"], 50), "fraction_des": grid}
    posterior = Table(columns | {"density": np.ones(150)})
    densities = {"DES": bump, "BSS": bump[:, ::-1]}
    return origins.draw_channels(
        planted_catalogue()[rows],
        v_sp,
        vsini,
        densities,
        posterior,
        33.0,
        ["made with a stand-in: SSE tracks"],
    )


def make(name, frame):
    """A figure of planted tables."""
    if name == "rotation":
        return origins.draw_rotation(planted_catalogue(), 126.0, 61.0)
    if name == "channels":
        return planted_channels()
    if name in ("disk", "few draws"):
        catalogue = planted_catalogue()
        catalogue["n_draws"] = N_DRAWS if name == "disk" else 32
        return origins.draw_disk_origin(catalogue, 0.5, 0.14, 3.0)
    if name in ("ejection", "no draws"):
        sites = planted_sites("J00", 400 if name == "ejection" else 0)
        return ejections.draw_ejection(planted_ejections()[0], planted_orbit("J00"), sites, frame)
    if name == "a long why":
        orbit, sites = planted_orbit("J02"), planted_sites("J02")
        return ejections.draw_ejection(planted_ejections()[2], orbit, sites, frame)
    if name in ("sources", "no cluster"):
        some = slice(0 if name == "sources" else 2, None)
        stars, clusters = planted_places()
        return ejections.draw_sources(planted_ejections()[some], stars[some], clusters, frame)
    if name in PAIRS:
        return bodies.draw_bodies(*planted_pair(*PAIRS[name]), frame)
    stars = {"one": 1, "two": 2}
    orbits = [planted_orbit(star, branches) for star, branches in stars.items()]
    births = [planted_births(star, orbit) for star, orbit in zip(stars, orbits)]
    orbits, births = (vstack(parts, metadata_conflicts="silent") for parts in (orbits, births))
    drawn = ["one", "two"] if name == "pair" else ["two"]
    return draw_orbits(planted_stars(*drawn), orbits, births, frame, 0.5)
