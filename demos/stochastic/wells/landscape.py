"""A sharp and a flat well of the same depth, one beside the other."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import torch
from scipy.optimize import brentq
from torch import Tensor

SHARP, FLAT = -0.6, 0.6  # where the parabolas have their minima
STEEP, SLIGHT = 40.0, 2.0  # their curvatures
SHIFT = 0.15  # standard deviation of the shift of the test loss
BLOCK = 64  # rows whose energy is computed at once
SOFT = 6.0  # k of the smooth minimum −log(exp(−k q₁) + exp(−k q₂))/k of the two parabolas


def parabolas(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return 0.5 * STEEP * (x - SHARP) ** 2, 0.5 * SLIGHT * (x - FLAT) ** 2


def energy(x: np.ndarray) -> np.ndarray:
    """U(x), shaped like x."""
    one, two = parabolas(np.asarray(x, float))
    return -np.logaddexp(-SOFT * one, -SOFT * two) / SOFT


def mean_energy(x: np.ndarray) -> float:
    """The mean of U over all of x (K, N), in blocks: whole, the two parabolas of a long run would take 100 MB."""
    return sum(float(energy(x[k : k + BLOCK]).sum()) for k in range(0, len(x), BLOCK)) / x.size


def slope(x: np.ndarray) -> np.ndarray:
    """U'(x), shaped like x."""
    one, two = parabolas(np.asarray(x, float))
    with np.errstate(over="ignore"):
        share = 1 / (1 + np.exp(SOFT * (one - two)))  # of the sharp parabola
    return share * STEEP * (x - SHARP) + (1 - share) * SLIGHT * (x - FLAT)


def test_loss(x: np.ndarray) -> np.ndarray:
    """E U(x + δ), δ ~ N(0, SHIFT²), shaped like x: Gauss-Hermite with 40 nodes."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    values = [w * energy(x + SHIFT * z) for z, w in zip(nodes, weights, strict=True)]
    return np.sum(values, 0) / math.sqrt(2 * math.pi)


def torch_energy(x: Tensor) -> Tensor:
    """U of chains (n, 1), as (n,)."""
    at = x[:, 0]
    one, two = 0.5 * STEEP * (at - SHARP) ** 2, 0.5 * SLIGHT * (at - FLAT) ** 2
    return -torch.logaddexp(-SOFT * one, -SOFT * two) / SOFT


def torch_slope(x: Tensor) -> Tensor:
    """U' of chains, shaped like x."""
    share = torch.sigmoid(SOFT * (0.5 * SLIGHT * (x - FLAT) ** 2 - 0.5 * STEEP * (x - SHARP) ** 2))
    return share * (STEEP * (x - SHARP)) + (1 - share) * (SLIGHT * (x - FLAT))


@cache
def barrier() -> float:
    """The place of the barrier between the wells."""
    root = brentq(lambda x: float(slope(np.array(x))), SHARP + 0.15, FLAT - 0.5, xtol=1e-14)
    return float(root)


@cache
def bottoms() -> tuple[float, float]:
    """The minima, which differ a little from those of the two parabolas."""
    of = lambda a, b: float(brentq(lambda x: float(slope(np.array(x))), a, b, xtol=1e-14))
    return of(SHARP - 0.1, SHARP + 0.1), of(FLAT - 0.3, FLAT + 0.3)


def gibbs(kT: float, low: float, high: float, count: int = 20_001) -> tuple[np.ndarray, np.ndarray]:
    """(x, density): exp(−U/kT) by the trapezoid rule."""
    x = np.linspace(low, high, count)
    u = energy(x)
    weights = np.exp(-(u - u.min()) / kT)
    return x, weights / np.trapezoid(weights, x)


def share_right(kT: float, low: float, high: float) -> float:
    """The Gibbs share right of the barrier."""
    cut = barrier()
    u_low = min(float(energy(np.array(b))) for b in bottoms())
    mass = []
    for a, b in ((low, cut), (cut, high)):
        x = np.linspace(a, b, 20_001)
        mass.append(np.trapezoid(np.exp(-(energy(x) - u_low) / kT), x))
    return float(mass[1] / sum(mass))
