"""Catenoids of straight pieces, solved outward by recurrence: what a film of so many pieces has in a catenoid's place.

Nothing in here calls `SoapFilm`: it is what its energy and gradient are held against.
"""

from __future__ import annotations

from math import pi, sqrt

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from demos.physics.soap_film.catenoid import CRITICAL_U, Catenoid


def discrete_catenoid(links: int, spacing: float) -> np.ndarray:
    """(links/2 + 1,) radii from the neck, 1, outward: the polygon whose area is critical at spacing h, by recurrence.

    With d the step outward from r, and c the inner frustum's √(h² + d²) + (r + r₋)d/√(h² + d²), a vanishing gradient
    is h² − 2rd = −c√(h² + d²), a quadratic equation for d.
    """
    r, h = [1.0], spacing
    c = None
    for _ in range(links // 2):
        if c is None:  # at the neck both sides are alike: 2·(h² − 2d) = 0
            d = h * h / 2
        else:
            a, b = 4 * r[-1] ** 2 - c * c, 4 * r[-1] * h * h
            d = (b + sqrt(b * b - 4 * a * (h**4 - c * c * h * h))) / (2 * a)
        slant = sqrt(h * h + d * d)
        c = slant + (2 * r[-1] + d) * d / slant
        r.append(r[-1] + d)
    return np.array(r)


def polygon_catenoid(catenoid: Catenoid, links: int) -> tuple[float, float]:
    """Neck and area of the polygon of `links` pieces in this catenoid's place, both off by the square of 1/links.

    There always is one: polygons span rings a little farther apart than catenoids do.
    """

    def past(spacing: float) -> float:
        return links * spacing / discrete_catenoid(links, spacing)[-1] - catenoid.separation

    widest = _widest(links)
    own = catenoid.separation / (links * catenoid.neck)  # the pieces' height over the neck, of the smooth one
    between = (0.1 * own, widest) if catenoid.stable else (widest, max(3 * own, 2 * widest))
    radii = discrete_catenoid(links, brentq(past, *between, xtol=1e-15, rtol=1e-15))
    radii = radii / radii[-1]
    slant = np.hypot(catenoid.separation / links, np.diff(radii))
    return float(radii[0]), float(2 * pi * ((radii[1:] + radii[:-1]) * slant).sum())


def discrete_critical_separation(links: int) -> float:
    """The largest separation, in radii, that a polygon of `links` pieces can span: tends to 1.32548… as links⁻²."""
    h = _widest(links)
    return float(links * h / discrete_catenoid(links, h)[-1])


def _widest(links: int) -> float:
    """The height of the pieces over the neck at which the polygon spans the farthest rings"""
    guess = 2 * CRITICAL_U / links
    best = minimize_scalar(
        lambda h: -links * h / discrete_catenoid(links, h)[-1],
        bounds=(0.5 * guess, 1.5 * guess),
        method="bounded",
        options={"xatol": 1e-12},
    )
    return float(best.x)
