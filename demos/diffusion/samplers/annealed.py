"""Annealed Langevin dynamics (Song & Ermon 2019, arXiv:1907.05600): Langevin steps at each noise level in turn."""

from __future__ import annotations

import numpy as np

from demos.diffusion import flows, gaussian
from demos.diffusion.grids import levels
from demos.diffusion.samplers.sampler import (
    WARP,
    Code,
    Sampler,
    denoised,
    denoiser_line,
    levels_line,
    sampled,
    to_sigma_min,
)
from demos.gradient_flow import METHODS, solve


def _run(model, start, plan, steps, record, progress):
    grid = levels(plan.grid, plan.process, plan.high, plan.low, max(steps, 2), plan.rho)[:-1]
    annealing = flows.annealed_langevin(model, grid, plan.langevin_steps, plan.langevin_size)
    path = solve(
        annealing.flow,
        start,
        annealing.times,
        "euler",
        seed=plan.seed,
        record=min(record, len(annealing.times)),
        progress=progress,
    )
    # inside a level σ is constant; the recorded σ falls on to the next level, so that it is unique for each frame
    at = path.times.numpy() / plan.langevin_steps
    ends = np.append(grid, plan.low * 0.5) ** (1 / WARP)
    sigmas = np.interp(at, np.arange(len(ends)), ends) ** WARP
    return denoised(sampled(sigmas, path), model, plan)


def _code(name: str, denoise: bool) -> Code:
    return Code(
        "annealed_langevin",
        f"""{levels_line(name, 2)}
{to_sigma_min(denoise)}annealing = annealed_langevin(s.model, levels, s.plan.langevin_steps, s.plan.langevin_size)
path = solve(annealing.flow, s.start, annealing.times, "euler", seed=s.plan.seed)  # Langevin at each level in turn
end = path.states[-1]{denoiser_line(denoise)}""",
    )


ANNEALED = Sampler(
    "annealed",
    "Annealed Langevin",
    "Langevin dynamics in −log density, one noise level after the other.",
    METHODS["euler"],
    color=6,
    stochastic=True,
    steps=lambda evaluations, plan: max(2, (evaluations - plan.denoise) // plan.langevin_steps),
    run=_run,
    code=_code,
    linear_map=gaussian.annealed,
    # every level has all its steps, and there are at least two levels
    spent=lambda evaluations, config: max(2, evaluations // config.langevin_steps) * config.langevin_steps + 1,
)
