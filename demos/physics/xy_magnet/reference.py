"""Known results for the XY model: twisted states and their waves, the energy at low and at high temperature."""

from __future__ import annotations

from math import cos, pi

import numpy as np
from scipy.special import i0e, i1e

T_BKT = 0.893  # in J, where pairs of vortices unbind; Hasenbusch, J. Phys. A 38 (2005) 5869: 0.8929


def twisted_energy(size: int, turns: tuple[int, int], coupling: float = 1.0) -> float:
    """−JL²(cos 2πn/L + cos 2πm/L) for n turns along x and m along y: an exact critical point, and a minimum for
    |n|, |m| < L/4."""
    n, m = turns
    return -coupling * size**2 * (cos(2 * pi * n / size) + cos(2 * pi * m / size))


def wave_rates(size: int, turns: tuple[int, int], coupling: float = 1.0) -> np.ndarray:
    """(size, size), rows along y: the decay rates of spin waves on a twisted state,

    ωₖ = J cos(2πn/L)(2 − 2 cos kₓ) + J cos(2πm/L)(2 − 2 cos k_y).
    """
    laplacian = 2 - 2 * np.cos(2 * pi * np.arange(size) / size)
    stiffness = [coupling * np.cos(2 * pi * n / size) for n in turns]
    return np.add.outer(stiffness[1] * laplacian, stiffness[0] * laplacian)


def cold_series(T: np.ndarray) -> np.ndarray:
    """E/L² = −2 + T/2 + T²/16 + O(T³) in J: each wave has T/2, and the cosine's fourth order the rest.

    A link's ⟨δ²⟩ is T/2, so that −δ⁴/24 shifts the free energy of two links a spin by −T²/16, and E by +T²/16.
    """
    return -2 + T / 2 + T**2 / 16


def hot_series(T: np.ndarray) -> np.ndarray:
    """E/L² = −∂/∂β [2 ln I₀(β) + 2u⁴ + 4u⁶ + O(u⁸)] in J, u = I₁(β)/I₀(β), β = J/T: links, and loops of 4 and 6.

    The character expansion (Savit, Rev. Mod. Phys. 52 (1980) 453): a loop of k links, gone either way, has weight u^k;
    for each spin there is one square, and two rectangles of 1 × 2.
    """
    beta = 1 / np.asarray(T, dtype=float)
    u = i1e(beta) / i0e(beta)
    derivative = 1 - u / beta - u**2  # du/dβ
    return -2 * u - (8 * u**3 + 24 * u**5) * derivative
