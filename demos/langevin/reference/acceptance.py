"""The acceptance rate that Metropolis methods have in equilibrium, by quadrature over the exact distribution."""

from __future__ import annotations

from functools import lru_cache
from math import sqrt

import numpy as np
import torch
from scipy.special import ndtri
from torch import Tensor
from torch.quasirandom import SobolEngine

from demos.landscapes import Landscape
from demos.langevin.reference.boltzmann import boltzmann

SCRAMBLINGS, POINTS = 8, 11  # so many Sobol sequences of 2¹¹ points: one for the place, two for the noise


@lru_cache(maxsize=64)
def stationary_acceptance(
    landscape: Landscape, method: str, kT: float, h: float, mass: float, leapfrog: int
) -> tuple[float, float]:
    """⟨min(1, α)⟩ over x ~ exp(−U/kT)/Z and the proposal's noise, and the error of the quadrature.

    By scrambled Sobol points, whose error falls nearly like 1/n and shows in the spread of the scramblings.
    """
    distribution = boltzmann(landscape, kT)
    order = np.lexsort(np.round(distribution.points.numpy(), 1).T)  # neighbours together: stratified in place
    cumulated = np.cumsum(distribution.weights[order]) / distribution.weights.sum()
    values = []
    for seed in range(SCRAMBLINGS):
        u = SobolEngine(3, scramble=True, seed=seed).draw(2**POINTS, dtype=torch.float64).numpy()
        chosen = order[np.searchsorted(cumulated[:-1], u[:, 0], side="right")]
        normal = torch.from_numpy(ndtri(np.clip(u[:, 1:], 1e-12, 1 - 1e-12)))
        ratio = (_mala if method == "mala" else _hmc)(
            landscape, distribution.points[torch.from_numpy(chosen)], normal, kT, h, mass, leapfrog
        )
        values.append(float(torch.nan_to_num(ratio, nan=-torch.inf).clamp(max=0).exp().mean()))
    return float(np.mean(values)), 1e-3 + 4 * float(np.std(values, ddof=1) / sqrt(SCRAMBLINGS))


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
