"""Bar and spiral arms, as galpy has them, on top of an axisymmetric Galaxy."""

from dataclasses import dataclass, replace

import numpy as np

from runaways.orbits.potentials import import_galpy

_FORMED = -1e4  # periods of the bar ago: it is as strong at all times that orbits are traced to


@dataclass(frozen=True)
class Bar:
    """A bar of constant strength: Dehnen 2000 (2000AJ....119..800D) in three dimensions.

    Attributes
    ----------
    pattern_speed : float
        [km/s/kpc]; Sanders et al. 2019 (arXiv:1903.02009, abstract).
    angle : float
        Of its major axis against the line from the Sun to the centre [deg]; galpy's default.
    strength : float
        Its radial force at the Sun over that of the axisymmetric Galaxy; galpy's default.
    """

    pattern_speed: float = 41.0
    angle: float = 25.0
    strength: float = 0.01


@dataclass(frozen=True)
class SpiralArms:
    """Logarithmic spiral arms: Cox & Gomez 2002 (2002ApJS..142..261C).

    Attributes
    ----------
    arms : int
        Two, of a pitch of 15 deg and two thirds of the Sun's angular speed: the example of
        galpy's author.
    pitch : float
        [deg].
    pattern_speed : float
        Over the angular speed at the Sun.
    contrast : float
        Density in the arms at the Sun's radius over that of the whole Galaxy there.
    phase : float
        Azimuth of an arm at the Sun's radius, along rotation [deg]; assumed.
    """

    arms: int = 2
    pitch: float = 15.0
    pattern_speed: float = 2 / 3
    contrast: float = 0.15
    phase: float = 0.0


def with_bar(pot, bar):
    """A Galaxy with a bar.

    Parameters
    ----------
    pot : Potential
    bar : Bar

    Returns
    -------
    Potential
    """
    speed = bar.pattern_speed * pot.length / pot.speed
    pattern = import_galpy().potential.DehnenBarPotential(
        # of a flat rotation curve: galpy's way to state a pattern speed beside a relative strength
        rolr=(1 + np.sqrt(0.5)) / speed,
        barphi=np.radians(bar.angle),
        alpha=bar.strength,
        tform=_FORMED,
        tsteady=1.0,
    )
    return replace(pot, pattern=pattern)


def with_spiral_arms(pot, arms):
    """A Galaxy with spiral arms.

    Parameters
    ----------
    pot : Potential
    arms : SpiralArms

    Returns
    -------
    Potential
    """
    galpy = import_galpy().potential
    sun = pot.frame.r0 / pot.length
    density = galpy.evaluateDensities(pot.galpy, sun, 0.0, use_physical=False)
    turning = float(pot.circular([pot.frame.r0])[0]) / pot.speed / sun
    pattern = galpy.SpiralArmsPotential(
        amp=4 * np.pi * arms.contrast * density,
        N=arms.arms,
        alpha=np.radians(arms.pitch),
        r_ref=sun,
        phi_ref=np.radians(arms.phase),
        omega=arms.pattern_speed * turning,
    )
    return replace(pot, pattern=pattern)
