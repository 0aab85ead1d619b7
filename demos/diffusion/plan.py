"""The input of every sampler, `Plan`, and its result, `Sampled`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from demos.diffusion.grids import levels
from demos.diffusion.processes import Process


@dataclass(frozen=True)
class Plan:
    """The parameters of a sampler besides model, start and number of evaluations."""

    process: Process
    high: float  # σ_max, in the unit of the data
    low: float  # σ_min
    grid: str = "karras"
    rho: float = 7.0
    stochasticity: float = 1.0  # λ of `sde`
    eta: float = 1.0  # of `ancestral`
    churn: float = 20.0  # S_churn of `churn`
    churn_low: float = 0.0  # S_min and, below, S_max: noise is added only between these levels
    churn_high: float = float("inf")
    noise_scale: float = 1.0  # S_noise
    snr: float = 0.16  # of `predictor_corrector`
    corrections: int = 1
    langevin_steps: int = 5  # of `annealed`, at each level
    langevin_size: float = 0.2  # α/σ²
    tolerance: float = 1e-3  # of `dopri5`, relative to the spread of the data
    denoise: bool = True  # the last step goes to σ = 0; otherwise the path stops at σ_min
    seed: int = 0

    def levels(self, steps: int) -> np.ndarray:
        """(steps + 1,) noise levels, the last 0; without it where the path stops at σ_min."""
        grid = levels(self.grid, self.process, self.high, self.low, steps, self.rho)
        return grid if self.denoise else grid[:-1]


@dataclass(frozen=True)
class Sampled:
    """One sampler's path. sigmas (F,): falling noise levels; states (F, N, 2) in the coordinates x = x₀ + σε."""

    sampler: str
    sigmas: np.ndarray
    states: Tensor
    evaluations: int
    steps: int
    status: str

    @property
    def end(self) -> Tensor:
        return self.states[-1]
