"""Curves blurred by a Gaussian, as mixtures: ∫ N(x; c(s), vI) ds by quadrature.

The integrand is smooth on the length √v, so Gauss–Legendre nodes (or equally spaced ones on a closed curve) about √v
apart are enough: finer nodes change the log density by less than 10⁻³ anywhere, and by less than 5·10⁻⁶ away from jumps
of the curvature.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.interpolate import CubicSpline

Curve = Callable[[np.ndarray], np.ndarray]  # parameters (n,) in [0, 1] -> points (n, 2); uniform in the parameter


SPACING = 1.15  # the largest distance of two nodes over √v: the density then ripples by exp(−2π²/1.15²) = 3e-7


def nodes_along(
    curve: Curve, noise: float, closed: bool = False, density: Callable | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Weights (K,) that sum to 1 and means (K, 2) for the curve blurred by N(0, noise² I).

    density: the density of the parameter on [0, 1]; uniform where None. Nodes are spaced by the length of the curve.
    """
    fine = np.linspace(0, 1, 4001)
    pieces = np.linalg.norm(np.diff(curve(fine), axis=0), axis=1)
    length = np.concatenate([[0.0], np.cumsum(pieces)])
    parameter = CubicSpline(length, fine)
    if closed:
        count = int(np.ceil(length[-1] / (SPACING * noise)))
        at, weights = length[-1] * np.arange(count) / count, np.ones(count)
    else:  # Gauss–Legendre nodes are π/2 times wider apart in the middle than equal ones
        x, weights = np.polynomial.legendre.leggauss(int(np.ceil(np.pi / 2 * length[-1] / (SPACING * noise))) + 8)
        at = length[-1] * (x + 1) / 2
    s = parameter(at)
    weights = weights * parameter(at, 1) * (1.0 if density is None else density(s))
    return weights / weights.sum(), curve(s)


def arc(centre: tuple[float, float], radius: float, start: float, end: float) -> Curve:
    """A circular arc, angles in radians."""

    def curve(s: np.ndarray) -> np.ndarray:
        angle = start + (end - start) * s
        return np.stack([centre[0] + radius * np.cos(angle), centre[1] + radius * np.sin(angle)], axis=1)

    return curve
