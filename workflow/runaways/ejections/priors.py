"""Every number that the posterior of an ejection assumes, in one place."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Priors:
    """What is assumed of ejections, of birthplaces and of cluster catalogues.

    Numbers without a source are assumed: of a form that is agreed on and a scale that is not.
    The speed distributions are of the velocity relative to the source on leaving it.
    """

    # Where stars are born: the layer of young stars
    # kpc, sigma of a normal; O and B stars within 1 kpc, Quintana et al. 2025 (MNRAS), whose form
    # of the layer is not stated in the abstract
    layer_height: float = 0.076
    disk_scale: float = 3.0  # kpc, of star formation per area; assumed
    hole_radius: float = 3.0  # kpc, within it star formation falls off; assumed
    hole_scale: float = 1.0  # kpc, sigma of the normal it falls with; assumed
    # km/s, 1-D, of birthplaces about rotation: OB associations (2009MNRAS.400..518M, abstract)
    field_dispersion: float = 7.2
    # km/s, 1-D, of stars within a cluster; 1 to 3 in 2019ApJ...870...32K, abstract
    cluster_dispersion: float = 3.0

    # Stars that stayed: the velocity ellipsoid of OB stars (arXiv:2207.01924, abstract) along R,
    # phi and z [km/s], heated with age
    stayed_dispersions: tuple[float, float, float] = (15.1, 9.7, 8.0)
    stayed_height: float = 0.1  # kpc, sigma of a normal, at birth; assumed
    # Myr: all four grow as (1 + age / heating_time)^heating_power; assumed
    heating_time: float = 100.0
    heating_power: float = 0.35  # of the total dispersion (arXiv:0905.2512, abstract)

    # Ejections
    # ejected stars per star born; assumed: 0.25 of O stars and 0.05 of Be stars are runaways
    # (2023A&A...679A.109C, abstract); p_ejected is as good as this
    ejected_fraction: float = 0.10
    # of ejections by a companion's supernova (BSS); of runaways 0.25 to 0.33 (arXiv:2009.03571)
    binary_share: float = 0.3
    slowest: float = 12.0  # km/s: slower stars do not count as ejected, 1 - exp(-(u/slowest)^4)
    # Dynamical (DES): u^-1.5 up to the break, u^-8/3 above it, cut off by exp(-(u/end)^4), after
    # Perets & Subr 2012 (2012ApJ...751..133P); the slope below the break is assumed
    dynamical_slopes: tuple[float, float] = (-1.5, -8.0 / 3.0)
    dynamical_break: float = 80.0  # km/s
    dynamical_end: float = 700.0  # km/s
    # By a supernova: exp(-u/scale); 9.9 km/s has the ratio of runaways to walkaways of Renzo et al.
    # 2019 (2019A&A...624A..66R, abstract), the end is about that of 2021A&A...646L...4I
    binary_scale: float = 9.9  # km/s
    binary_fastest: float = 400.0  # km/s
    # By the central black hole (Hills 1988): log-normal on leaving the centre; assumed
    hills_speed: float = 850.0  # km/s, median
    hills_width: float = 0.25  # of ln(speed)
    # Natal kicks of pulsars: Maxwellian, Hobbs et al. 2005 (2005MNRAS.360..974H)
    pulsar_kick: float = 265.0  # km/s, 1-D

    # Delay between birth and ejection
    dynamical_delay: tuple[float, float] = (1.0, 500.0)  # Myr: 1 / (delay + first) to the second
    # Myr: even; 85 % of core collapses come before 50 Myr (2017A&A...601A..29Z, abstract)
    binary_delay: tuple[float, float] = (3.0, 50.0)
    pulsar_life: float = 30.0  # Myr, as a radio pulsar; assumed
    longest_life: float = 500.0  # Myr, of a star without an age; assumed

    # Ages
    star_age_floor: float = 0.2  # systematic error of a star's age, relative; assumed
    # share of stars that look younger than they are, dynamical and binary; assumed
    rejuvenated: tuple[float, float] = (0.05, 0.5)
    cluster_age_floor: float = 0.4  # of ln(age); assumed

    # Clusters as catalogued
    rv_floor: float = 5.0  # km/s, over the root of the number of stars behind the RV; assumed
    rv_typical_count: float = 10.0  # stars, where the catalogue does not count them; assumed
    rv_unknown_error: float = 10.0  # km/s, of an RV printed without error; assumed
    rv_rotation: float = 12.0  # km/s, of clusters about rotation, along the line of sight; assumed
    parallax_floor: float = 0.01  # mas, of a cluster's distance (2021A&A...649A...4L, Sect. 5)
    typical_radius: float = 3.0  # pc, half of the members, where not given; assumed
    typical_members: float = 20.0  # where the catalogue does not count them; assumed
    lost_beyond: float = 0.2  # kpc: a cluster whose place is less certain is part of the field
    # Share of star formation that the catalogue lists: first exp(-(d/second)^2 - age/third)
    listed_share: float = 0.6  # here and now; assumed
    listed_distance: float = 3.0  # kpc
    listed_age: float = 100.0  # Myr
    # No cluster formed more stars, in those of a kpc^2 and Myr of the disk at the Sun; assumed:
    # 4e4 solar masses. It binds where a catalogue has few clusters for what it is said to list.
    largest_cluster: float = 12.0

    # The Galactic centre, to a factor of 3: 1.5e-6 unbound stars of 2.5 to 4 solar masses leave it
    # a year (2014ApJ...787...89B, abstract), against some 1e-3 by the disk; assumed
    centre_rate: float = 1.5e-3  # ejections per ejection by the whole disk
    centre_radius: float = 0.03  # kpc, sigma of where they leave from

    # Two stars from one place
    common_site: float = 0.003  # kpc, 1-D: how near each other they left; assumed

    # Stars of unknown radial velocity
    rv_broad: float = 150.0  # km/s, sigma about 0


# Units of the configuration's values; what is not here has none
_LENGTHS = (
    "layer_height disk_scale hole_radius hole_scale stayed_height lost_beyond listed_distance"
)
_LENGTHS += " centre_radius common_site"
_SPEEDS = "field_dispersion cluster_dispersion stayed_dispersions slowest dynamical_break"
_SPEEDS += " dynamical_end binary_scale binary_fastest hills_speed pulsar_kick rv_floor"
_SPEEDS += " rv_unknown_error rv_rotation rv_broad"
_TIMES = "heating_time dynamical_delay binary_delay longest_life pulsar_life listed_age"
UNITS = dict.fromkeys(_LENGTHS.split(), "kpc") | dict.fromkeys(_SPEEDS.split(), "km / s")
UNITS |= dict.fromkeys(_TIMES.split(), "Myr") | {"parallax_floor": "mas", "typical_radius": "pc"}
