"""The exact solution of −Δu = 1 on the unit square, u = 0 on its boundary: Fourier series summed to twelve digits.

Timoshenko & Goodier, Theory of Elasticity, §109: the torsion of a square bar.
"""

from __future__ import annotations

from math import cosh, pi, tanh

import numpy as np

SOURCE = "Fourier series; Timoshenko & Goodier, Theory of Elasticity, §109"


def exact_energy() -> float:
    """−½∫u = −½ (1/12 − (16/π⁵) Σ_odd tanh(nπ/2)/n⁵), Timoshenko's torsion of a square bar."""
    return -0.5 * (1 / 12 - 16 / pi**5 * sum(tanh(n * pi / 2) / n**5 for n in range(1, 4000, 2)))


def exact_centre() -> float:
    """u(½, ½) = 1/8 − (4/π³) Σ_odd (−1)^((n−1)/2)/(n³ cosh(nπ/2))"""
    return 1 / 8 - 4 / pi**3 * sum((-1) ** ((n - 1) // 2) / (n**3 * cosh(n * pi / 2)) for n in range(1, 40, 2))


def exact_solution(points: int) -> np.ndarray:
    """(points, points) u on an even grid over the square, boundary included."""
    x = np.linspace(0, 1, points)
    u = np.repeat((x * (1 - x) / 2)[None, :], points, 0)
    for n in range(1, 200, 2):
        # cosh(a t)/cosh(a/2) as exponentials, t = y − ½: neither overflows
        a, t = n * pi, np.abs(x - 0.5)
        profile = (np.exp(a * (t - 0.5)) + np.exp(-a * (t + 0.5))) / (1 + np.exp(-a))
        u -= 4 / (pi**3 * n**3) * profile[:, None] * np.sin(a * x)[None, :]
    return u


def exact_gradient(points: np.ndarray) -> np.ndarray:
    """(Q, 2) ∇u of the exact solution at points (Q, 2) inside the square.

    The series runs along the axis on which a point is nearer to a wall: across it its terms fall exponentially.
    """
    swap = np.abs(points[:, 1] - 0.5) > np.abs(points[:, 0] - 0.5)
    x, y = np.where(swap[:, None], points[:, ::-1], points).T
    gradient = np.stack((0.5 - x, np.zeros_like(x)), 1)
    for n in range(1, 200, 2):
        a, t = n * pi, y - 0.5
        down, up = np.exp(a * (t - 0.5)), np.exp(-a * (t + 0.5))
        whole = 4 / (pi**3 * n**3 * (1 + np.exp(-a)))
        gradient[:, 0] -= whole * (down + up) * a * np.cos(a * x)
        gradient[:, 1] -= whole * a * (down - up) * np.sin(a * x)
    return np.where(swap[:, None], gradient[:, ::-1], gradient)
