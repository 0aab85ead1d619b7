"""A second, independent implementation of every sampler in NumPy, from the formulas of its paper.

Noise levels and the functions s(t) and g(t) of the processes are shared with the samplers; steps and scores are not.
Without noise, the replica has the same start as the run, and its points must end at the same places. With noise of its
own, the two are independent samples of the same distribution; with the run's noise, it must make the same moves.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Protocol

import numpy as np

from demos.diffusion.grids import levels
from demos.diffusion.plan import Plan
from demos.diffusion.samplers.sampler import FRAMES, WARP
from demos.diffusion.verdict.scores import Denoiser


class Normals(Protocol):
    """A source of standard normal numbers: NumPy's generator, or the same numbers as the run's (`SameNoise`)."""

    def standard_normal(self, size: tuple[int, ...]) -> np.ndarray: ...


Steps = Iterator[tuple[float, np.ndarray]]  # (σ, points (n, 2)) after each step, the start first


def visited(name: str, plan: Plan, steps: int) -> np.ndarray:
    """The noise levels (S + 1,) at the start and after each step of a sampler whose steps are fixed; those at which an
    adaptive one is recorded.

    Inside a level of `annealed` σ is constant, and what is recorded falls on to the next level."""
    if name == "dopri5":
        found = levels("karras", plan.process, plan.high, plan.low, FRAMES, WARP)
        return found if plan.denoise else found[:-1]
    if name in ("ode", "sde"):
        return plan.levels(max(steps, 2))
    if name != "annealed":
        return plan.levels(max(steps, 1 if plan.denoise else 2))
    ends = np.append(_annealing(plan, steps), plan.low / 2) ** (1 / WARP)
    at = np.arange(plan.langevin_steps * (len(ends) - 1) + 1) / plan.langevin_steps
    found = np.interp(at, np.arange(len(ends)), ends) ** WARP
    return np.append(found, 0.0) if plan.denoise else found


def replica(
    name: str,
    denoiser: Denoiser,
    start: np.ndarray,
    plan: Plan,
    steps: int,
    random: Normals,
    span: tuple[int, int] | None = None,
    earlier: np.ndarray | None = None,
) -> Steps:
    """The path of the sampler `name` from start (n, 2) at σ = plan.high in `steps` steps; of `dopri5` that of
    `adaptive_replica`.

    span: the first step, and the one after the last, of a part of the path that begins at start; earlier: the
    points one step before it, which `dpmpp_2m` needs."""
    whole = visited(name, plan, steps)
    first, last = span or (0, len(whole) - 1)
    grid = whole[first : last + 1]
    match name:
        case "annealed":
            return _annealed(denoiser, start, plan, _annealing(plan, steps), grid, first, random)
        case "ode":
            return _native(denoiser, start, plan, grid, random, 0.0)
        case "sde":
            return _native(denoiser, start, plan, grid, random, plan.stochasticity)
        case "ddim":
            return _ancestral(denoiser, start, grid, random, 0.0)
        case "ancestral":
            return _ancestral(denoiser, start, grid, random, plan.eta)
        case "predictor_corrector":
            return _ancestral(denoiser, start, grid, random, 1.0, plan.corrections, plan.snr)
        case "heun":
            return _heun(denoiser, start, plan, grid, random, 0.0)
        case "churn":
            taken = len(whole) - (1 if plan.denoise else 0)
            return _heun(denoiser, start, plan, grid, random, min(plan.churn / taken, math.sqrt(2) - 1))
        case "dpmpp_2m":
            past = None if earlier is None else (float(whole[first - 1]), denoiser(earlier, float(whole[first - 1])))
            return _multistep(denoiser, start, grid, past)
    raise ValueError(f"no replica of the sampler {name!r} is known.")


def _ancestral(denoiser, x, grid, random, eta, corrections=0, snr=0.0) -> Steps:
    """Euler's step (DDIM) down to σ↓, then noise σ↑ (Song et al. 2021, 2010.02502); Langevin corrections before it
    (2011.13456, algorithm 4)."""
    yield float(grid[0]), x
    for sigma, to in zip(grid[:-1].tolist(), grid[1:].tolist(), strict=True):
        for _ in range(corrections):
            score, noise = (denoiser(x, sigma) - x) / sigma**2, random.standard_normal(x.shape)
            length = lambda v: np.sqrt((v * v).sum(1)).mean()
            size = 2 * (snr * length(noise) / max(length(score), 1e-30)) ** 2
            x = x + size * score + math.sqrt(2 * size) * noise
        up = min(to, eta * to * math.sqrt(1 - (to / sigma) ** 2))
        down = math.sqrt(to * to - up * up)
        denoised = denoiser(x, sigma)
        x = denoised + down / sigma * (x - denoised)
        if up:
            x = x + up * random.standard_normal(x.shape)
        yield to, x


def _heun(denoiser, x, plan, grid, random, gamma) -> Steps:
    """Karras et al. 2022, algorithms 1 (γ = 0) and 2."""
    yield float(grid[0]), x
    for sigma, to in zip(grid[:-1].tolist(), grid[1:].tolist(), strict=True):
        raised = sigma * (1 + (gamma if plan.churn_low <= sigma <= plan.churn_high else 0.0))
        if raised > sigma:
            x = x + plan.noise_scale * math.sqrt(raised**2 - sigma**2) * random.standard_normal(x.shape)
        slope = (x - denoiser(x, raised)) / raised
        ahead = x + (to - raised) * slope
        if to > 0:
            ahead = x + (to - raised) / 2 * (slope + (ahead - denoiser(ahead, to)) / to)
        x = ahead
        yield to, x


def _multistep(denoiser, x, grid, past=None) -> Steps:
    """DPM-Solver++(2M), in k-diffusion's form. past: noise level and denoised points of the step before."""
    before = None if past is None else past[1]
    last = 0.0 if past is None else math.log(past[0] / float(grid[0]))
    yield float(grid[0]), x
    for sigma, to in zip(grid[:-1].tolist(), grid[1:].tolist(), strict=True):
        denoised = denoiser(x, sigma)
        if to == 0:
            x = denoised
        else:
            h, target = math.log(sigma / to), denoised
            if before is not None:
                r = last / h
                target = (1 + 1 / (2 * r)) * denoised - before / (2 * r)
            x, before, last = to / sigma * x - math.expm1(-h) * target, denoised, h
        yield to, x


def _native(denoiser, x, plan, grid, random, rate) -> Steps:
    """Euler–Maruyama on dy = [f y − ½(1 + λ) g² ∇log p] dt + √λ g dW, from t to t₊ < t, y = s x; to σ = 0 the
    denoiser."""
    process = plan.process
    times = [process.time(float(sigma)) for sigma in grid if sigma > 0]
    y = process.scale(times[0]) * x
    yield float(grid[0]), x
    for t, to in zip(times[:-1], times[1:], strict=True):
        h, s, sigma, square = t - to, process.scale(t), process.sigma(t), process.diffusion(t)
        x = y / s
        score = (denoiser(x, sigma) - x) / sigma**2 / s
        y = y - h * process.drift(t) * y + h * (1 + rate) / 2 * square * score
        if rate:
            y = y + math.sqrt(rate * square * h) * random.standard_normal(y.shape)
        yield process.sigma(to), y / process.scale(to)
    if grid[-1] == 0:
        yield 0.0, denoiser(y / process.scale(times[-1]), plan.low)


def _annealing(plan: Plan, steps: int) -> np.ndarray:
    """The noise levels (m,) of annealed Langevin dynamics."""
    return levels(plan.grid, plan.process, plan.high, plan.low, max(steps, 2), plan.rho)[:-1]


def _annealed(denoiser, x, plan, annealing, grid, first, random) -> Steps:
    """x' = x + (α/2) score + √α R, α = size · σ² (Song & Ermon 2019, algorithm 1); to σ = 0 the denoiser."""
    yield float(grid[0]), x
    for i, to in enumerate(grid[1:].tolist(), first):
        if to == 0:
            yield 0.0, denoiser(x, plan.low)
            return
        sigma = float(annealing[i // plan.langevin_steps])
        pull = plan.langevin_size / 2 * (denoiser(x, sigma) - x)
        x = x + pull + math.sqrt(plan.langevin_size) * sigma * random.standard_normal(x.shape)
        yield to, x
