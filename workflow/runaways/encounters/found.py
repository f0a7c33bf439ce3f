"""What the search for one star's encounters found."""

from dataclasses import dataclass

from astropy.table import Table


@dataclass(frozen=True)
class Encounters:
    """What one star's draws meet.

    Attributes
    ----------
    hits : astropy.table.Table
        One row for each cluster and draw of the star that come within the search radius:
        `cluster`, `draw`, `separation` [pc] at the closest approach, `look_back_time` [Myr],
        `relative_velocity` [km/s] then; `cluster_draw`, the number of the cluster's draw. Sorted by
        cluster and draw.
    chance : astropy.table.Table
        `cluster`, `radius` [pc], and the expected number of close approaches per draw within the
        radius with the cluster turned: `p_chance` within the azimuth window, `p_chance_disk` to
        any azimuth, each with its Monte Carlo `_error`. Clusters without any are left out, and
        those without p_chance have the largest radius alone.
    n_draws : int
        Draws of the star that have an orbit.
    search_radius : float
        [pc].
    n_cluster_draws : int
        Draws of each cluster; 0 if not known, and every hit counts for itself.
    """

    hits: Table
    chance: Table
    n_draws: int
    search_radius: float
    n_cluster_draws: int = 0
