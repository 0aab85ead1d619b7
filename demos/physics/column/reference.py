"""Known results for a pinned column under load: Hencky's load, the elastica, and the polygon of N links by shooting."""

from __future__ import annotations

from math import pi, sin

import numpy as np
from scipy.optimize import brentq
from scipy.special import ellipj, ellipk

EULER = pi**2  # the load at which a smooth pinned column buckles, in units of EI/L²; Euler 1744


def hencky_load(links: int) -> float:
    """4N² sin²(π/2N): the load at which N rigid links with springs of stiffness N (EI/L = 1) leave the straight line.

    Hencky, Der Eisenbau 11 (1920) 437. It rises to Euler's π² as N grows.
    """
    return 4 * links**2 * sin(pi / (2 * links)) ** 2


def elastica_deflection(load: float) -> float:
    """The sideways deflection of the middle of a pinned smooth column of length one under a load, 0 below π².

    P = (2K(k))² with k = sin(α/2) for the end's slope α; the deflection is 2k/√P (Love, Theory of Elasticity, §263).
    """
    if load <= EULER:
        return 0.0
    k = brentq(lambda k: (2 * ellipk(k * k)) ** 2 - load, 0.0, 1 - 1e-15, xtol=1e-15)
    return 2 * k / load**0.5


def elastica(load: float, points: int = 81) -> np.ndarray:
    """(points, 2): x and y along a pinned smooth column of length one, from end to end; straight below Euler's load.

    sin(θ/2) = k sn(u, k) and y = −(2k/√P) cn(u, k) with u = K + √P s (Love, §263); x = ∫cos θ ds by Gauss's rule
    between the points, since SciPy's incomplete elliptic integral jumps at single places.
    """
    s = np.linspace(0, 1, points)
    if load <= EULER:
        return np.stack((s, np.zeros_like(s)), 1)
    k, root = 0.5 * elastica_deflection(load) * load**0.5, load**0.5
    jacobi = lambda s: ellipj(ellipk(k * k) + root * s, k * k)
    nodes, weights = np.polynomial.legendre.leggauss(5)
    between = s[:-1, None] + (nodes + 1) / (2 * (points - 1))
    moves = (1 - 2 * np.square(k * jacobi(between)[0])) @ weights / (2 * (points - 1))
    return np.stack((np.r_[0.0, moves.cumsum()], -2 * k / root * jacobi(s)[1]), 1)


def polygon(links: int, load: float) -> np.ndarray:
    """(N,) the angles of N links in equilibrium under a load, bent to the positive side; 0 below Hencky's load.

    Every joint balances where θₖ₊₁ = 2θₖ − θₖ₋₁ − (P/N²) sin θₖ, with no moment at the ends, θ₀ = θ₁: shooting for the
    θ₁ whose angles are odd about the middle. No energy is minimized.
    """
    if load <= hencky_load(links):
        return np.zeros(links)
    push, half = load / links**2, links // 2

    def angles(first: float) -> np.ndarray:
        theta, before, rows = first, first, []
        for _ in range(links):
            rows.append(theta)
            theta, before = 2 * theta - before - push * sin(theta), theta
        return np.array(rows)

    def odd(first: float) -> float:
        theta = angles(first)
        return (theta[half] + theta[links - 1 - half]) / first

    return angles(brentq(odd, 1e-7, 3.0, xtol=1e-15))
