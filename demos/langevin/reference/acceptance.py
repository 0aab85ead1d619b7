"""The acceptance rate that Metropolis methods have in equilibrium, by quadrature over the exact distribution."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import sqrt

import numpy as np
import torch
from scipy.special import ndtri
from torch import Tensor
from torch.quasirandom import SobolEngine

from demos.common.progress import checkpoint
from demos.landscapes import Landscape
from demos.langevin.reference.boltzmann import boltzmann
from demos.langevin.reference.distribution import Distribution

SCRAMBLINGS, POINTS = 16, 10  # 16 Sobol sequences of 2¹⁰ points: two dimensions for position, two for noise


@lru_cache(maxsize=64)
def stationary_acceptance(
    landscape: Landscape, method: str, kT: float, h: float, mass: float, leapfrog: int
) -> tuple[float, float]:
    """⟨min(1, α)⟩ over x ~ exp(−U/kT)/Z and the proposal's noise, and one standard error of the quadrature.

    By scrambled Sobol points, whose error falls nearly like 1/n and is estimated from the spread of the scramblings.
    """
    distribution = boltzmann(landscape, kT)
    choose, values = places_of(distribution), []
    for seed in range(SCRAMBLINGS):
        checkpoint()
        u = SobolEngine(4, scramble=True, seed=seed).draw(2**POINTS, dtype=torch.float64).numpy()
        normal = torch.from_numpy(ndtri(np.clip(u[:, 2:], 1e-12, 1 - 1e-12)))
        ratio = (_mala if method == "mala" else _hmc)(landscape, choose(u[:, :2]), normal, kT, h, mass, leapfrog)
        values.append(float(torch.nan_to_num(ratio, nan=-torch.inf).clamp(max=0).exp().mean()))
    return float(np.mean(values)), float(np.std(values, ddof=1) / sqrt(SCRAMBLINGS))


def places_of(distribution: Distribution) -> Callable[[np.ndarray], Tensor]:
    """The map from uniform numbers u (n, 2) to points (n, 2) of a distribution on a grid, by its inverse cumulative
    functions: the first number chooses a row, the second a point within it. Quasi-random u stay well spread."""
    points = np.round(distribution.points.numpy(), 9)
    axis = int(len(np.unique(points[:, 1])) > len(np.unique(points[:, 0])))  # rows of a chart may be columns
    order = np.lexsort((points[:, axis], points[:, 1 - axis]))
    weights = distribution.weights[order] / distribution.weights.sum()
    ends, rows = np.cumsum(weights), points[order, 1 - axis]
    last = np.append(np.nonzero(np.diff(rows))[0], len(rows) - 1)
    high = ends[last]
    low = np.append(0.0, high[:-1])

    def choose(u: np.ndarray) -> Tensor:
        row = np.minimum(np.searchsorted(high, u[:, 0], side="right"), len(high) - 1)
        place = low[row] + u[:, 1] * (high[row] - low[row])
        at = np.minimum(np.searchsorted(ends, place, side="right"), len(ends) - 1)
        return distribution.points[torch.from_numpy(order[at])]

    return choose


def _mala(landscape: Landscape, x: Tensor, normal: Tensor, kT: float, h: float, mass: float, leapfrog: int) -> Tensor:
    """log α of x → y = x − h∇U + √(2h kT) R."""
    gradient = landscape.gradient(x)
    y = x - h * gradient + sqrt(2 * h * kT) * normal
    back = (x - y + h * landscape.gradient(y)) / sqrt(2 * h * kT)
    return (landscape.energy(x) - landscape.energy(y)) / kT + (normal.square() - back.square()).sum(1) / 2


def _hmc(landscape: Landscape, x: Tensor, normal: Tensor, kT: float, h: float, mass: float, leapfrog: int) -> Tensor:
    """log α = −ΔH/kT of `leapfrog` velocity-Verlet steps."""
    q, p = x, normal * sqrt(mass * kT)
    gradient = landscape.gradient(q)
    for _ in range(leapfrog):
        p = p - h / 2 * gradient
        q = q + h / mass * p
        gradient = landscape.gradient(q)
        p = p - h / 2 * gradient
    kinetic = p.square().sum(1) / (2 * mass) - normal.square().sum(1) * kT / 2
    return -(landscape.energy(q) - landscape.energy(x) + kinetic) / kT
