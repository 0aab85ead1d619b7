"""Diffusion as gradient flows of E = −log p_σ: makes of a score the `GradientFlow` that `solve` integrates.

Going back in time, every process of `demos.diffusion.processes` is the family (λ ≥ 0; Anderson 1982 for λ = 1, Song et
al. 2021 eq. 13 for λ = 0; the marginals p_t are the same for all λ)

    dy = [−f y + ½(1 + λ) g² ∇log p_t(y)] dτ + √λ g dW,        τ = t₀ − t rising
       = −M∇E dτ + √(2TM) dW,    M = ½(1 + λ) g²,  T = λ/(1 + λ),  E = −log p_t(y) + f|y|²/((1 + λ) g²).

For the EDM process (f = 0, g² = 2σ) this is the gradient flow of −log p_σ with mobility M = (1 + λ)σ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from demos.diffusion.models import Model
from demos.diffusion.processes import Process
from demos.gradient_flow import GradientFlow

Stochasticity = float | Callable[[float], float]  # λ, or λ(σ)


def reverse_flow(model: Model, sigma_start: float, stochasticity: Stochasticity = 0.0) -> GradientFlow:
    """dx = −(1 + λ)σ ∇E dt + √(2λσ) dW, E = −log p_σ, with t = σ_start − σ: states are x = x₀ + σε.

    λ = 0 is the probability-flow ODE, λ = 1 the reverse SDE. Every sampler that steps in σ integrates this flow.
    """

    def level(t: float) -> float:
        sigma = sigma_start - t
        return sigma if sigma > 1e-12 * sigma_start else 0.0  # exactly 0 at the end, in spite of rounding

    log_density = getattr(model, "log_density", None)
    share = stochasticity if callable(stochasticity) else lambda sigma: stochasticity
    return GradientFlow(
        energy=None if log_density is None else lambda x, t: -log_density(x, level(t)),
        gradient=lambda x, t: -model.score(x, level(t)),
        temperature=_temperature(stochasticity, level),
        mobility=lambda t: (1 + share(level(t))) * level(t),
        noise_level=level,
    )


def native_flow(model: Model, process: Process, sigma_start: float, stochasticity: float = 0.0) -> GradientFlow:
    """The reverse flow in a process's coordinates y = s x and its time, τ = t(σ_start) − t rising.

    For the EDM process it is `reverse_flow`. For the others Euler's step in t differs from Euler's step in σ.
    """
    start = process.time(sigma_start)

    def gradient(y: Tensor, tau: float) -> Tensor:
        t = start - tau
        scale = process.scale(t)
        score = model.score(y / scale if scale != 1 else y, process.sigma(t))
        pull = 2 * process.drift(t) / ((1 + stochasticity) * process.diffusion(t))
        return torch.add(score * (-1 / scale), y, alpha=pull) if pull else score.neg()

    return GradientFlow(
        gradient=gradient,
        temperature=_temperature(stochasticity, None),
        mobility=lambda tau: (1 + stochasticity) / 2 * process.diffusion(start - tau),
    )


def native_times(process: Process, levels: np.ndarray) -> Tensor:
    """The times τ of `native_flow` at falling noise levels, the first of which is σ_start."""
    times = [process.time(float(sigma)) for sigma in levels]
    return torch.tensor([times[0] - t for t in times], dtype=torch.float64)


def level_times(levels: np.ndarray) -> Tensor:
    """The times t = σ_start − σ of `reverse_flow` at falling noise levels, the first of which is σ_start."""
    return torch.as_tensor(levels[0] - levels, dtype=torch.float64)


def churned(levels: np.ndarray, churn: float, low: float = 0.0, high: float = float("inf")) -> Callable[[float], float]:
    """λ(σ) with which `edm_heun` becomes the stochastic sampler of Karras et al. (2022, algorithm 2).

    Before a step from σ in [low, high] noise raises σ to σ̂ = (1 + γ)σ, γ = min(churn/N, √2 − 1).
    levels: the grid (N + 1,) of the method, its last level 0.
    """
    gamma = min(churn / (len(levels) - 1), 2**0.5 - 1)
    rates = {}
    for sigma, to in zip(levels[:-1].tolist(), levels[1:].tolist(), strict=True):
        rates[sigma] = ((1 + gamma) ** 2 - 1) * sigma / (2 * (sigma - to)) if low <= sigma <= high else 0.0
    known = np.array(sorted(rates))

    def stochasticity(sigma: float) -> float:
        nearest = known[int(np.argmin(np.abs(known - sigma)))]  # σ was computed from t = σ_start − σ, with rounding
        return rates[float(nearest)]

    return stochasticity


@dataclass(frozen=True)
class Annealing:
    """Annealed Langevin dynamics as one flow: at each noise level in turn, Langevin dynamics at kT = 1 in −log p_σ.

    Time counts steps: times (levels · steps + 1,). The mobility α/2 is the size of a step.
    """

    flow: GradientFlow
    times: Tensor


def annealed_langevin(model: Model, levels: np.ndarray, steps: int, size: float) -> Annealing:
    """`steps` Langevin steps x ← x − (α/2)∇E + √α R at each of the levels (m,), with α = size · σ².

    Song & Ermon 2019 (arXiv:1907.05600), algorithm 1; their ε is size · σ_min².
    """
    sigmas = np.asarray(levels, dtype=float).tolist()
    level = lambda t: sigmas[min(int(t + 0.5) // steps, len(sigmas) - 1)]
    flow = GradientFlow(
        gradient=lambda x, t: -model.score(x, level(t)), temperature=1.0, mobility=lambda t: size * level(t) ** 2 / 2
    )
    return Annealing(flow, torch.arange(len(sigmas) * steps + 1, dtype=torch.float64))


def _temperature(stochasticity: Stochasticity, level: Callable | None) -> float | Callable[[float], float]:
    if not callable(stochasticity):
        if not 0 <= stochasticity < float("inf"):
            raise ValueError(f"stochasticity λ = {stochasticity} must be a finite number ≥ 0.")
        return stochasticity / (1 + stochasticity)

    def temperature(t: float) -> float:
        rate = stochasticity(level(t))
        return rate / (1 + rate)

    return temperature
