"""Origins of a list: the shares of the channels, each star's probabilities, and other priors."""

from dataclasses import replace

import numpy as np
from astropy.table import Table, hstack, vstack

from runaways.ejections.speeds import unblurred
from runaways.ejections.times import delay_densities
from runaways.origins import channels, evidence, fractions, mocks, plane
from runaways.origins.channels import BSS, DES, INSIDE, NEITHER, NONE, OWN, UNDECIDED, UNKNOWN
from runaways.tables import column

_MOCKS = 2000  # of each channel, behind what the two lines of the plane would say of it
_SURE = 1e-12  # p_ejected is no nearer to 0 or 1


def prior_density(priors):
    """Density of (speed, delay) of all ejections that the ejection stage draws from.

    Parameters
    ----------
    priors : ejections.priors.Priors

    Returns
    -------
    callable
        (speed [km/s], delay [Myr]) to density [per km/s and Myr].
    """
    grid, pdf = unblurred(priors)
    shares = 1 - priors.binary_share, priors.binary_share

    def density(speed, delay):
        fast = [np.interp(speed, grid, one) for one in pdf[:2]]
        return sum(s * f * d for s, f, d in zip(shares, fast, delay_densities(delay, priors)))

    return density


class Motions:
    """What the ejection stage says of the stars of a list, to be weighed under any channels.

    Parameters
    ----------
    stars : list of str
    ejections : Table
        Table ``ejections`` of at least these.
    draws : Table
        Table ``ejection_sites`` of the same.
    priors : ejections.priors.Priors
        Of that stage.
    """

    def __init__(self, stars, ejections, draws, priors):
        rows = {str(star): row for row, star in enumerate(ejections["star"])}
        p = column(ejections, "p_ejected")[[rows[star] for star in stars]]
        p = np.clip(p, _SURE, 1 - _SURE)
        share = priors.ejected_fraction
        # density of what is seen of a star that stayed, over that of one that was ejected
        self.stayed = (1 - p) / p * share / (1 - share)
        own = draws[np.asarray(draws["source_kind"], str) != "centre"]
        order = np.argsort(np.asarray(own["star"], str), kind="stable")
        own = own[order]
        names = np.asarray(own["star"], str)
        self._draws = [
            own[np.searchsorted(names, star) : np.searchsorted(names, star, side="right")]
            for star in stars
        ]
        self._prior = prior_density(priors)

    def pick(self, rows):
        """Some of the stars; rows a mask of all."""
        some = object.__new__(Motions)
        some.stayed, some._prior = self.stayed[rows], self._prior
        some._draws = [draws for draws, row in zip(self._draws, rows) if row]
        return some

    def under(self, models):
        """Densities by channel and component, as `evidence.weigh` takes them."""
        found = [
            evidence.of_ejections(draws, self._prior, models) if len(draws) else None
            for draws in self._draws
        ]
        return {
            kind: np.array(
                [np.full(len(parts), np.nan) if star is None else star[kind] for star in found]
            ).reshape(len(found), len(parts))
            for kind, parts in models.items()
        }


def models_of(model, companions):
    """The two channels."""
    return {DES: channels.dynamical(model, companions), BSS: channels.binary(model, companions)}


def infer(motions, vsini, vsini_error, model, companions, population, with_neither=True):
    """Shares of a list and probabilities of its stars under one set of priors.

    Parameters
    ----------
    motions : Motions
        Of n stars.
    vsini, vsini_error : ndarray, shape (n,)
        [km/s]
    model : ChannelModel
    companions : Table
    population : evidence.Population
    with_neither : bool
        As for `fractions.infer`.

    Returns
    -------
    fractions.Fractions, Evidence
    """
    models = models_of(model, companions)
    kinematic = motions.under(models)
    seen = evidence.weigh(kinematic, motions.stayed, vsini, vsini_error, models, population)
    return fractions.infer(seen, with_neither), seen


def other_priors(model, companions):
    """Sets of priors beside the run's own, by name: (model, companions, whether v sin i counts).

    Parameters
    ----------
    model : ChannelModel
    companions : Table
        With a column ``population``: `OWN` and others.
    """
    own = companions[companions["population"] == OWN]
    other = "oh2015" if model.speeds == "perets2012" else "perets2012"
    first, end = model.delay
    named = {
        f"speeds_{other}": (replace(model, speeds=other), own, True),
        "delays_ten_times_longer": (replace(model, delay=(first, 10 * end)), own, True),
        # Pflamm-Altenburg & Kroupa 2010, abstract: 1 to 4 per cent
        "two_step_0.04": (replace(model, two_step=0.04), own, True),
        "spin_from_0.8": (replace(model, spin=(0.8, model.spin[1])), own, True),
        "without_vsini": (model, own, False),
    }
    for name in dict.fromkeys(companions["population"].tolist()):
        if name != OWN:
            named[name] = (model, companions[companions["population"] == name], True)
    return named


def tabulate(stars, found, decided_min):
    """Probabilities and origins of stars.

    Parameters
    ----------
    stars : list of str
    found : (Fractions, Evidence)
        As from `infer`.
    decided_min : float
        Least probability of a named origin.

    Returns
    -------
    Table
        ``star p_des p_bss p_neither ratio_des_bss origin``.
    """
    shares, seen = found
    table = Table({"star": np.asarray(stars, str)})
    table["p_des"], table["p_bss"], table["p_neither"] = shares.p.T
    with np.errstate(invalid="ignore", divide="ignore"):
        table["ratio_des_bss"] = seen.density[:, 0] / seen.density[:, 1]
    p = np.nan_to_num(shares.p)
    named = np.array([DES, BSS, NEITHER])[p.argmax(axis=1)]
    origin = np.where(p.max(axis=1) >= decided_min, named, UNDECIDED)
    table["origin"] = np.where(np.isnan(shares.p).any(axis=1), UNKNOWN, origin)
    return table


def summary(name, shares, origins):
    """A row of table ``origin_fractions``."""
    row = {"prior": name, "n_stars": shares.n_stars}
    for key, three in (
        ("fraction_des", shares.of_des()),
        ("fraction_des_unselected", shares.of_des_unselected()),
        ("fraction_neither", shares.of_neither()),
    ):
        row |= {f"{key}_lower": three[0], key: three[1], f"{key}_upper": three[2]}
    return row | {f"n_{kind.lower()}": int(sum(origins == kind)) for kind in (DES, BSS, NEITHER)}


def all_origins(stars, speeds, motions, lines, model, companions, population, decided_min, ejected):
    """Origins of every star of a list, and the shares of its runaways by every set of priors.

    Parameters
    ----------
    stars : Table, n rows
        ``star``, ``vsini`` [km/s] and its error, as from `measurements.complete`.
    speeds : Table, n rows
        Table ``velocities``.
    motions : Motions
        Of the runaways, in their order.
    lines : dict
        ``v_sp`` and ``vsini`` [km/s], the lines of the plane.
    model, companions, population
        As for `infer`; companions with a column ``population``.
    decided_min : float
    ejected : ndarray of bool, shape (n,)
        Runaways; the origin of the others is ``none``.

    Returns
    -------
    origins, fractions, posterior : Table
        Tables ``origins``, ``origin_fractions`` and ``origin_posterior``.
    """
    runaways = stars[ejected]
    names = np.asarray(runaways["star"], str)
    spins = column(runaways, "vsini"), column(runaways, "vsini_error")
    unmeasured = np.full(len(runaways), np.nan), spins[1]
    own = companions[companions["population"] == OWN]
    rows, posteriors, table = [], [], None
    sets = {OWN: (model, own, True)} | other_priors(model, companions)
    for name, (other, made, rotating) in sets.items():
        rotation = spins if rotating else unmeasured
        found = infer(motions, *rotation, other, made, population)
        of_stars = tabulate(names, found, decided_min)
        table = of_stars if table is None else table
        rows.append(summary(name, found[0], of_stars["origin"]))
        density = found[0].density() * len(found[0].des)
        columns = {"prior": [name] * len(density), "fraction_des": found[0].des}
        posteriors.append(Table(columns | {"density": density}))
    if "inside_grid_published" in runaways.colnames:
        inside = np.asarray(runaways["inside_grid_published"], bool)
        some = [spin[inside] for spin in spins]
        found = infer(motions.pick(inside), *some, model, own, population)
        rows.append(
            summary(INSIDE, found[0], tabulate(names[inside], found, decided_min)["origin"])
        )
    return (
        hstack([_of_plane(stars, speeds, lines), _of_all(stars, table, ejected)]),
        Table(rows=rows),
        vstack(posteriors),
    )


def _of_plane(stars, speeds, lines):
    p_fast = plane.exceedance(speeds["v_sp"], speeds["v_sp_error"], lines["v_sp"])
    p_spinning = plane.exceedance(stars["vsini"], stars["vsini_error"], lines["vsini"])
    region = plane.plane_regions(speeds["v_sp"], stars["vsini"], lines["v_sp"], lines["vsini"])
    named = Table({"star": stars["star"], "region": region})
    return hstack([named, plane.plane_probabilities(p_fast, p_spinning)])


def _of_all(stars, runaways, ejected):
    """The runaways' rows among all."""
    table = Table()
    for name in ("p_des", "p_bss", "p_neither", "ratio_des_bss"):
        table[name] = np.full(len(stars), np.nan)
        table[name][ejected] = runaways[name]
    table["origin"] = np.full(len(stars), NONE, "U9")
    table["origin"][ejected] = runaways["origin"]
    moving = np.isfinite(table["p_des"])
    spinning = np.isfinite(column(stars, "vsini")) & ejected
    evidence_of = np.where(moving, "motion", "").astype("U15")
    evidence_of[moving & spinning] = "motion rotation"
    table["origin_evidence"] = evidence_of
    return table


def of_lines(model, companions, population, lines, rng, vsini_error):
    """What the lines of the plane would say of stars of known channel.

    Parameters
    ----------
    model, companions, population
        As for `infer`.
    lines : dict
    rng : numpy.random.Generator
    vsini_error : float
        [km/s]

    Returns
    -------
    dict
        ``DES`` and ``BSS``, the true channel, to the share of each region.
    """
    shares = {}
    for kind in (DES, BSS):
        drawn = mocks.mock_list(
            {kind: _MOCKS}, model, companions, population, rng, vsini_error=vsini_error
        )
        region = plane.plane_regions(drawn["v_sp"], drawn["vsini"], lines["v_sp"], lines["vsini"])
        shares[kind] = {name: float(np.mean(region == name)) for name in (DES, BSS, UNDECIDED)}
    return shares
