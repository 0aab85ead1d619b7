"""Catenoids between two rings of radius 1: smooth ones in closed form, r = a cosh(z/a) with a cosh(s/2a) = 1, and
polygons of straight pieces by a recurrence. This module does not use `SoapFilm`, which is tested against it.

Isenberg, The Science of Soap Films and Soap Bubbles (1978).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import cosh, pi, sinh, sqrt, tanh

import numpy as np
from scipy.optimize import brentq, minimize_scalar


def _critical() -> float:
    """The solution of u tanh u = 1, u = s/2a, where the two catenoids coincide."""
    return brentq(lambda u: u * tanh(u) - 1, 1.0, 1.5, xtol=1e-16, rtol=1e-15)


CRITICAL_U = _critical()
CRITICAL_SEPARATION = 2 * CRITICAL_U / cosh(CRITICAL_U)  # 1.3254868387, twice the Laplace limit (OEIS A033259)
CRITICAL_NECK = 1 / cosh(CRITICAL_U)


@dataclass(frozen=True)
class Catenoid:
    """Neck radius a, separation s of the rings; stable or not."""

    neck: float
    separation: float
    stable: bool

    def radius(self, z: np.ndarray) -> np.ndarray:
        return self.neck * np.cosh(np.asarray(z) / self.neck)

    @property
    def area(self) -> float:
        """2πa²(u + sinh u cosh u), u = s/2a"""
        u = self.separation / (2 * self.neck)
        return 2 * pi * self.neck**2 * (u + sinh(u) * cosh(u))


def catenoids(separation: float) -> tuple[Catenoid, ...]:
    """The stable and the unstable catenoid; none above the critical separation."""
    if separation >= CRITICAL_SEPARATION:
        return ()
    excess = lambda u: 2 * u / cosh(u) - separation  # rises up to CRITICAL_U, falls after it
    far = CRITICAL_U
    while excess(far) > 0:
        far += 1.0
    stable = brentq(excess, 0.0, CRITICAL_U, xtol=1e-16, rtol=1e-15)
    unstable = brentq(excess, CRITICAL_U, far, xtol=1e-15, rtol=1e-15)
    return Catenoid(1 / cosh(stable), separation, True), Catenoid(1 / cosh(unstable), separation, False)


def goldschmidt_separation() -> float:
    """1.0553947939: the separation at which the stable catenoid and two discs have the same area; above it the film is
    only metastable."""

    def difference(s: float) -> float:
        return catenoids(s)[0].area - 2 * pi

    return brentq(difference, 0.9, 1.3, xtol=1e-15)


def discs_area(spacing: float) -> float:
    """The area of the polygon's equivalent of two discs (Goldschmidt 1831): cones of the height of one piece."""
    return 2 * pi * sqrt(1 + spacing**2)


def least_area(separation: float, links: int) -> float:
    """The least area of a film of `links` pieces between these rings."""
    discs = discs_area(separation / links)
    if not catenoids(separation):
        return discs
    return min(polygon_catenoid(catenoids(separation)[0], links)[1], discs)


def polygon_radii(links: int, spacing: float) -> np.ndarray:
    """(links/2 + 1,) radii from the neck (1) outward of the polygon with critical area at spacing h, by recurrence.

    With d the step outward from r, and c the inner frustum's √(h² + d²) + (r + r₋)d/√(h² + d²), a vanishing gradient
    is h² − 2rd = −c√(h² + d²), a quadratic equation for d.
    """
    r, h = [1.0], spacing
    c = None
    for _ in range(links // 2):
        if c is None:  # at the neck both sides are equal by symmetry: 2·(h² − 2d) = 0
            d = h * h / 2
        else:
            a, b = 4 * r[-1] ** 2 - c * c, 4 * r[-1] * h * h
            d = (b + sqrt(b * b - 4 * a * (h**4 - c * c * h * h))) / (2 * a)
        slant = sqrt(h * h + d * d)
        c = slant + (2 * r[-1] + d) * d / slant
        r.append(r[-1] + d)
    return np.array(r)


def polygon_catenoid(catenoid: Catenoid, links: int) -> tuple[float, float]:
    """Neck and area of `polygon_profile`."""
    radii = polygon_profile(catenoid, links)
    slant = np.hypot(catenoid.separation / links, np.diff(radii))
    return float(radii[0]), float(2 * pi * ((radii[1:] + radii[:-1]) * slant).sum())


@lru_cache(maxsize=256)
def polygon_profile(catenoid: Catenoid, links: int) -> np.ndarray:
    """(links/2 + 1,) radii, from the neck to a ring, of the critical polygon of `links` pieces near this catenoid.

    Its neck and area are both off by the square of 1/links.

    There always is one: polygons span rings a little farther apart than catenoids do.
    """

    def excess(spacing: float) -> float:
        return links * spacing / polygon_radii(links, spacing)[-1] - catenoid.separation

    widest = widest_spacing(links)
    smooth = catenoid.separation / (links * catenoid.neck)  # the pieces' height over the neck, of the smooth one
    between = (0.1 * smooth, widest) if catenoid.stable else (widest, max(3 * smooth, 2 * widest))
    radii = polygon_radii(links, brentq(excess, *between, xtol=1e-15, rtol=1e-15))
    return radii / radii[-1]


@lru_cache(maxsize=256)
def softest_rate(catenoid: Catenoid, links: int) -> float:
    """The smallest rate, in absolute value, of the mean-curvature flow linearized at a catenoid, by finite differences
    on `links` pieces."""
    h, n = catenoid.separation / links, links - 1
    z = h * (np.arange(1, links) - links / 2)
    r, slope = catenoid.radius(z), np.sinh(z / catenoid.neck)
    steep = 1 + slope**2
    bend = np.cosh(z / catenoid.neck) / catenoid.neck
    # u_t = u''/(1 + r'²) − 2 r' r'' u'/(1 + r'²)² + u/r²
    second, first = 1 / (steep * h * h), -slope * bend / steep**2 / h
    matrix = np.diag(1 / r**2 - 2 * second) + np.diag((second + first)[:-1], 1) + np.diag((second - first)[1:], -1)
    assert matrix.shape == (n, n)
    return float(np.abs(np.linalg.eigvals(matrix)).min())


def widest_spacing(links: int) -> float:
    """The height of a piece, in units of the neck, at which the polygon spans rings of the largest separation."""
    guess = 2 * CRITICAL_U / links
    best = minimize_scalar(
        lambda h: -links * h / polygon_radii(links, h)[-1],
        bounds=(0.5 * guess, 1.5 * guess),
        method="bounded",
        options={"xatol": 1e-12},
    )
    return float(best.x)
