"""The acceptance rate that Metropolis methods have in equilibrium, by quadrature over the exact law."""

from __future__ import annotations

from functools import lru_cache
from math import sqrt

import numpy as np
import torch
from scipy.special import ndtri
from torch import Tensor
from torch.quasirandom import SobolEngine

from demos.landscapes import Landscape
from demos.langevin.config import LangevinConfig, landscape_of
from demos.langevin.laws import boltzmann

SCRAMBLINGS, POINTS = 8, 11  # so many Sobol sequences of 2¹¹ points: one for the place, two for the noise


def stationary_acceptance(config: LangevinConfig, method: str) -> tuple[float, float]:
    """⟨min(1, α)⟩ over x ~ exp(−U/kT)/Z and the proposal's noise, and the error of the quadrature."""
    settings = config.temperature, config.step, config.mass, config.leapfrog_steps
    return _acceptance(landscape_of(config), method, *settings)


@lru_cache(maxsize=64)
def _acceptance(
    landscape: Landscape, method: str, kT: float, h: float, mass: float, leapfrog: int
) -> tuple[float, float]:
    """By scrambled Sobol points, whose error falls nearly like 1/n and shows in the spread of the scramblings."""
    law = boltzmann(landscape, kT)
    order = np.lexsort(np.round(law.points.numpy(), 1).T)  # neighbours together: stratified in place
    cumulated = np.cumsum(law.weights[order]) / law.weights.sum()
    values = []
    for seed in range(SCRAMBLINGS):
        u = SobolEngine(3, scramble=True, seed=seed).draw(2**POINTS, dtype=torch.float64).numpy()
        chosen = order[np.searchsorted(cumulated[:-1], u[:, 0], side="right")]
        normal = torch.from_numpy(ndtri(np.clip(u[:, 1:], 1e-12, 1 - 1e-12)))
        ratio = (_mala if method == "mala" else _hmc)(
            landscape, law.points[torch.from_numpy(chosen)], normal, kT, h, mass, leapfrog
        )
        values.append(float(torch.nan_to_num(ratio, nan=-torch.inf).clamp(max=0).exp().mean()))
    return float(np.mean(values)), 1e-3 + 4 * float(np.std(values, ddof=1) / sqrt(SCRAMBLINGS))


def _mala(landscape: Landscape, x: Tensor, normal: Tensor, kT: float, h: float, mass: float, leapfrog: int) -> Tensor:
    """log α of x → y = x − h∇U + √(2h kT) R."""
    slope = landscape.gradient(x)
    y = x - h * slope + sqrt(2 * h * kT) * normal
    back = (x - y + h * landscape.gradient(y)) / sqrt(2 * h * kT)
    return (landscape.energy(x) - landscape.energy(y)) / kT + (normal.square() - back.square()).sum(1) / 2


def _hmc(landscape: Landscape, x: Tensor, normal: Tensor, kT: float, h: float, mass: float, leapfrog: int) -> Tensor:
    """log α = −ΔH/kT of `leapfrog` velocity-Verlet steps."""
    q, p = x, normal * sqrt(mass * kT)
    slope = landscape.gradient(q)
    for _ in range(leapfrog):
        p = p - h / 2 * slope
        q = q + h / mass * p
        slope = landscape.gradient(q)
        p = p - h / 2 * slope
    kinetic = p.square().sum(1) / (2 * mass) - normal.square().sum(1) * kT / 2
    return -(landscape.energy(q) - landscape.energy(x) + kinetic) / kT
