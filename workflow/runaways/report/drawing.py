"""Small drawings of one star for its page."""

import io

import numpy as np
from matplotlib.ticker import MaxNLocator

from runaways.figures import ejections, style
from runaways.figures.orbits import TODAY, in_plane
from runaways.figures.spectra import DATA, LINES, MODEL
from runaways.spectra.wavelengths import air_to_vacuum

WIDTH, HEIGHT = 88.0, 60.0  # mm
DPI = 140  # two pixels for each of a phone
BLUE = (3900.0, 4750.0)  # A, where the lines of B stars are
BORN = "#B00000"
SHOWN = 250  # draws
GRID = 800  # model stars
# what a page shows, in its order
CAPTIONS = {
    "spectrum": "Spectrum at rest over its continuum, with the best fit.",
    "tracks": "Where its labels (star) lie among the stellar tracks, yellow the heaviest.",
    "orbit": "Orbit in the plane of the Galaxy from today (dot) to the nominal birthplace (star); "
    "red, birthplaces of draws of the errors; the circle is the Sun's.",
    "crossings": "Height above the plane; dots, crossings; grey, the disk; orange, when it was "
    "ejected if it was (68 %).",
    "ejection": "When and how fast it left, given that it was ejected, by source; the earliest 5 % "
    "of the draws are left out.",
}
MARK = {"marker": "*", "markersize": 9, "color": BORN, "linestyle": "", "zorder": 5}


def draw_star(star, tracks, frame, half_height, spectrum, orbit, births, sites):
    """All that a star's page shows, as far as there is something to draw.

    Parameters
    ----------
    star : mapping
        A row of table ``catalogue``.
    tracks : Table
        Table ``tracks``.
    frame : frames.Frame
    half_height : float
        Of the disk [kpc].
    spectrum, orbit, births, sites : Table
        This star's rows of tables ``best_fits`` (or None), ``orbit``, ``birthplaces`` and
        ``ejection_sites``.

    Returns
    -------
    dict
        Key of `CAPTIONS` to bytes of PNG.
    """
    made = {
        "spectrum": draw_spectrum(spectrum) if spectrum is not None else None,
        "tracks": draw_place(star, tracks),
        "orbit": draw_orbit(orbit, births, frame),
        "crossings": draw_crossings(orbit, star, half_height),
        "ejection": draw_ejection(star, sites),
    }
    return {name: as_png(figure) for name, figure in made.items() if figure is not None}


def as_png(figure):
    """A figure as bytes of PNG, the same for the same figure.

    Parameters
    ----------
    figure : Figure

    Returns
    -------
    bytes
    """
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=DPI)
    return image.getvalue()


def draw_spectrum(pixels):
    """The blue part of a spectrum with its best fit.

    Parameters
    ----------
    pixels : Table
        Rows of table ``best_fits`` of this star.

    Returns
    -------
    Figure or None
        None where no pixel was fitted.
    """
    arms = np.asarray(pixels["arm"])
    mine = pixels[arms == ("lrs" if (arms == "lrs").any() else "mrs")]
    blue = (mine["wave"] > BLUE[0]) & (mine["wave"] < BLUE[1])
    mine = mine[blue] if blue.any() else mine
    mine = mine[np.isfinite(mine["flux"]) & np.isfinite(mine["continuum"])]
    if not len(mine):
        return None
    figure, ax = _panel()
    wave, continuum = np.asarray(mine["wave"]), np.asarray(mine["continuum"])
    ax.plot(wave, mine["flux"] / continuum, color=DATA, linewidth=0.5, label="observed")
    ax.plot(wave, mine["model_flux"] / continuum, color=MODEL, linewidth=0.7, label="best fit")
    for name, air in LINES.items():
        at = air_to_vacuum(np.array([air]))[0]
        if wave[0] < at < wave[-1] and "II" not in name:
            ax.axvline(at, color="#999999", linewidth=0.4, linestyle=":")
            ax.text(at, 1.17, name, rotation=90, ha="center", va="top", fontsize=5)
    ax.set(xlim=(wave[0], wave[-1]), ylim=(0.35, 1.2))
    ax.set(xlabel="rest wavelength in vacuum [Angstrom]", ylabel="flux over continuum")
    ax.legend(loc="lower right")
    return figure


def draw_place(star, tracks):
    """Where a star lies among the stellar tracks.

    Parameters
    ----------
    star : mapping
        A row of table ``catalogue``.
    tracks : Table
        Table ``tracks``, or some of its rows.

    Returns
    -------
    Figure or None
        None where Teff or log g are unknown.
    """
    if not np.isfinite([star["teff"], star["logg"]]).all():
        return None
    figure, ax = _panel()
    some = tracks[:: max(1, len(tracks) // GRID)]
    ax.scatter(
        some["teff"] / 1e3, some["logg"], s=2, linewidths=0, c=np.log10(some["mass"]), alpha=0.5
    )
    errors = {"xerr": star["teff_error"] / 1e3, "yerr": star["logg_error"]}
    ax.errorbar(star["teff"] / 1e3, star["logg"], **errors, **{**MARK, "elinewidth": 0.8})
    if np.isfinite([star["teff_measured"], star["logg_measured"]]).all():
        at = star["teff_measured"] / 1e3, star["logg_measured"]
        ax.plot(*at, "s", color="#0072B2", markersize=4, mfc="none", label="from the spectrum")
        ax.legend(loc="lower left")
    ax.set(xlabel="$T_\\mathrm{eff}$ [1000 K]", ylabel="$\\log g$ [dex of cm/s$^2$]")
    # only as much of the tracks as is near the star
    ax.set(xlim=(min(40, 1.7 * star["teff"] / 1e3), 0.5 * star["teff"] / 1e3), ylim=(4.7, 2.5))
    return figure


def draw_orbit(orbit, births, frame):
    """The orbit in the plane of the Galaxy, with birthplaces.

    Parameters
    ----------
    orbit, births : Table
        Rows of tables ``orbit`` and ``birthplaces`` of this star.
    frame : frames.Frame

    Returns
    -------
    Figure or None
        None where it was not traced.
    """
    orbit = orbit[np.isfinite(orbit["x"])]
    if not len(orbit):
        return None
    figure, ax = _panel()
    births = births[np.isfinite(births["birth_z"])][:SHOWN]
    ax.scatter(births["birth_x"], births["birth_y"], s=2, color=BORN, alpha=0.35, linewidths=0)
    shown = [np.array([births["birth_x"], births["birth_y"]])]
    for path in _branches(orbit):
        at = in_plane("xy", *(np.asarray(path[k]) for k in "xyz"))
        ax.plot(*at, **ejections.ORBIT)
        ax.plot(*at[:, -1], **MARK)
        shown.append(at)
    ax.plot(*shown[-1][:, 0], zorder=5, **TODAY)
    ejections.draw_around(ax, "xy", np.hstack([*shown, [[frame.r0], [0.0]]]), frame)
    ax.set(xlabel="$X$ [kpc]", ylabel="$Y$ [kpc]")
    ax.set_box_aspect(1)
    return figure


def draw_crossings(orbit, star, half_height):
    """Height above the plane back in time, with the crossings of the plane.

    Parameters
    ----------
    orbit : Table
        Rows of table ``orbit`` of this star.
    star : mapping
        A row of table ``catalogue``.
    half_height : float
        Of the disk [kpc].

    Returns
    -------
    Figure or None
        None where it was not traced.
    """
    orbit = orbit[np.isfinite(orbit["x"])]
    if not len(orbit):
        return None
    figure, ax = _panel()
    ax.axhspan(-half_height, half_height, color="#EFEFEF", zorder=0)
    for path in _branches(orbit):
        time, z = np.asarray(path["look_back_time"]), np.asarray(path["z"])
        ax.plot(time, z, **ejections.ORBIT)
        cross = np.flatnonzero(z[:-1] * z[1:] < 0)
        when = time[cross] - z[cross] * np.diff(time)[cross] / np.diff(z)[cross]
        ax.plot(when, np.zeros(len(when)), "o", color="#0072B2", markersize=3.5, zorder=4)
        ax.plot(time[-1], z[-1], **MARK)
    end = float(orbit["look_back_time"].max())
    if np.isfinite(star["t_ejection"]) and star["t_ejection_lower"] < end:
        ax.axvspan(star["t_ejection_lower"], star["t_ejection_upper"], color=MODEL, alpha=0.15)
        ax.axvline(star["t_ejection"], color=MODEL, linewidth=0.8)
    ax.set(xlim=(0, end), xlabel="look-back time [Myr]", ylabel="$Z$ [kpc]")
    return figure


def draw_ejection(star, sites):
    """The posterior of the time of the ejection by source, and of its speed.

    Parameters
    ----------
    star : mapping
        A row of table ``catalogue``.
    sites : Table
        Rows of table ``ejection_sites`` of this star.

    Returns
    -------
    Figure or None
        None where there is no posterior.
    """
    if not len(sites):
        return None
    figure, ax = _panel()
    end = np.quantile(sites["look_back_time"], ejections.SHOWN)
    sites = sites[sites["look_back_time"] <= end]
    kinds = ejections.kinds_of(sites, star["ejection_cluster"])
    for kind, (colour, _) in reversed(ejections.SOURCES.items()):
        some = sites[kinds == kind]
        if len(some):
            label = star["ejection_cluster"] if kind == ejections.CLUSTER else kind
            ax.scatter(
                some["look_back_time"], some["v_ejection"], s=6, color=colour, linewidths=0,
                alpha=0.5, label=label,
            )  # fmt: skip
    ax.legend(loc="upper right", markerscale=2)
    ax.set(xlim=(0, None), ylim=(0, None))
    ax.set(xlabel="look-back time of the ejection [Myr]", ylabel="speed on leaving [km/s]")
    return figure


def _panel():
    figure = style.new_figure(WIDTH, HEIGHT)
    figure.set_layout_engine("none")  # it takes most of the time
    ax = figure.add_axes((0.14, 0.16, 0.83, 0.81))
    ax.xaxis.set_major_locator(MaxNLocator(6))
    return figure, ax


def _branches(orbit):
    for branch in np.unique(orbit["rv_branch"])[::-1]:
        yield orbit[orbit["rv_branch"] == branch][::4]
