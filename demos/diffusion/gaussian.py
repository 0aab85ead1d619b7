"""Closed form of every sampler on Gaussian data, where each step is a linear map plus noise: a reference for tests.

The data are N(0, S²I), so that ∇log p_σ = −x/(S² + σ²), and along the probability-flow ODE
x(σ) = x(σ₀) √((S² + σ²)/(S² + σ₀²)). The linear map of each discretisation follows from the formulas of its paper; it
is written here independently of the samplers. `spread` is S in every function.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from demos.diffusion.grids import levels
from demos.diffusion.plan import Plan


@dataclass(frozen=True)
class LinearMap:
    """x_end = factor · x_start + N(0, variance) in each coordinate. floor: the tolerance of an inexact factor."""

    factor: float
    variance: float = 0.0
    floor: float = 0.0

    def then(self, factor: float, variance: float = 0.0) -> LinearMap:
        return LinearMap(factor * self.factor, factor**2 * self.variance + variance, self.floor)


def exact_factor(spread: float, high: float, low: float) -> float:
    """x(low)/x(high) along the probability-flow ODE."""
    return math.sqrt((spread**2 + low**2) / (spread**2 + high**2))


def _denoised(path: LinearMap, plan: Plan, spread: float) -> LinearMap:
    """The map with the denoiser as its last step, where the plan asks for that."""
    return path.then(spread**2 / (spread**2 + plan.low**2)) if plan.denoise else path


def _levels(plan: Plan, steps: int) -> np.ndarray:
    return plan.levels(max(steps, 1 if plan.denoise else 2))


def _rate(sigma: float, spread: float) -> float:
    """(dx/dσ)/x = σ/(S² + σ²)."""
    return sigma / (spread**2 + sigma**2)


def euler(plan: Plan, steps: int, spread: float) -> LinearMap:
    """x' = x + (σ' − σ) dx/dσ."""
    grid, whole = _levels(plan, steps), LinearMap(1.0)
    for sigma, to in zip(grid, grid[1:], strict=False):
        whole = whole.then(1 + (to - sigma) * _rate(sigma, spread))
    return whole


def heun(plan: Plan, steps: int, spread: float) -> LinearMap:
    """Karras et al. 2022, algorithm 1."""
    return _heun(plan, _levels(plan, steps), spread, 0.0)


def churn(plan: Plan, steps: int, spread: float) -> LinearMap:
    """Karras et al. 2022, algorithm 2: γ = min(S_churn/N, √2 − 1), where N counts the step to 0 too."""
    grid = _levels(plan, steps)
    taken = len(grid) - (1 if plan.denoise else 0)
    return _heun(plan, grid, spread, min(plan.churn / taken, math.sqrt(2) - 1))


def _heun(plan: Plan, grid: np.ndarray, spread: float, gamma: float) -> LinearMap:
    whole = LinearMap(1.0)
    for sigma, to in zip(grid, grid[1:], strict=False):
        raised = sigma * (1 + (gamma if plan.churn_low <= sigma <= plan.churn_high else 0.0))
        noise = plan.noise_scale**2 * (raised**2 - sigma**2) if raised > sigma else 0.0
        first = _rate(raised, spread)
        euler = 1 + (to - raised) * first
        factor = euler if to == 0 else 1 + (to - raised) * (first + _rate(to, spread) * euler) / 2
        whole = whole.then(1.0, noise).then(factor)
    return whole


def multistep(plan: Plan, steps: int, spread: float) -> LinearMap:
    """In k-diffusion's form: t = −log σ, h = t₊ − t, r = h₋/h, D̃ = (1 + 1/2r) D − (1/2r) D₋."""
    grid = _levels(plan, steps)
    x, before, last = 1.0, None, 0.0
    for sigma, to in zip(grid, grid[1:], strict=False):
        denoised = x * spread**2 / (spread**2 + sigma**2)
        if to == 0:
            x = denoised
            break
        h = math.log(sigma / to)
        target = denoised
        if before is not None:
            r = last / h
            target = (1 + 1 / (2 * r)) * denoised - before / (2 * r)
        x = to / sigma * x - math.expm1(-h) * target
        before, last = denoised, h
    return LinearMap(x)


def ancestral(plan: Plan, steps: int, spread: float) -> LinearMap:
    """Euler's step down to σ↓, then noise σ↑ = η σ₊ √(1 − σ₊²/σ²) (Song et al. 2021, arXiv:2010.02502, eq. 16)."""
    grid, whole = _levels(plan, steps), LinearMap(1.0)
    for sigma, to in zip(grid, grid[1:], strict=False):
        up = min(to, plan.eta * math.sqrt(to**2 * (sigma**2 - to**2) / sigma**2))
        down = math.sqrt(to**2 - up**2)
        whole = whole.then(1 + (down - sigma) * _rate(sigma, spread), up**2)
    return whole


def adaptive(plan: Plan, steps: int, spread: float) -> LinearMap:
    """The exact path; its factor is known to the tolerance of the method."""
    exact = LinearMap(exact_factor(spread, plan.high, plan.low), 0.0, 30 * plan.tolerance)
    return _denoised(exact, plan, spread)


def native_ode(plan: Plan, steps: int, spread: float) -> LinearMap:
    return _native(plan, steps, spread, 0.0)


def native_sde(plan: Plan, steps: int, spread: float) -> LinearMap:
    return _native(plan, steps, spread, plan.stochasticity)


def _native(plan: Plan, steps: int, spread: float, stochasticity: float) -> LinearMap:
    """Euler–Maruyama on dy = [f y − ½(1 + λ) g² ∇log p] dt + √λ g dW, backwards from t to t₊, with x = y/s."""
    process, grid = plan.process, plan.levels(max(steps, 2))
    grid = grid[:-1] if plan.denoise else grid
    times = [process.time(float(sigma)) for sigma in grid]
    whole = LinearMap(process.scale(times[0]))
    for t, to in zip(times, times[1:], strict=False):
        h, s = t - to, process.scale(t)
        square = process.diffusion(t)
        score = -1 / (s * s * (spread**2 + process.sigma(t) ** 2))
        factor = 1 - h * process.drift(t) + h * (1 + stochasticity) / 2 * square * score
        whole = whole.then(factor, stochasticity * square * h)
    return _denoised(whole.then(1 / process.scale(times[-1])), plan, spread)


def annealed(plan: Plan, steps: int, spread: float) -> LinearMap:
    """x' = x + (α/2) score + √α R with α = size · σ² (Song & Ermon 2019, algorithm 1)."""
    whole = LinearMap(1.0)
    for sigma in levels(plan.grid, plan.process, plan.high, plan.low, max(steps, 2), plan.rho)[:-1]:
        alpha = plan.langevin_size * sigma**2
        for _ in range(plan.langevin_steps):
            whole = whole.then(1 - alpha / 2 / (spread**2 + sigma**2), alpha)
    return _denoised(whole, plan, spread)
