"""The samplers that step in the process's time and coordinates y = s x: Euler's method for its ODE and its SDE."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from demos.diffusion import flows, gaussian
from demos.diffusion.plan import Plan
from demos.diffusion.samplers.sampler import (
    Code,
    Sampler,
    denoised,
    denoiser_line,
    levels_line,
    one_evaluation,
    sampled,
    to_sigma_min,
)
from demos.gradient_flow import METHODS, solve


def _run(rate: Callable[[Plan], float]) -> Callable:
    """The `run` of a `Sampler`; rate: plan -> the stochasticity λ."""

    def run(model, start, plan, steps, record, progress):
        process, grid = plan.process, plan.levels(max(steps, 2))
        body = grid[:-1] if plan.denoise else grid
        flow = flows.native_flow(model, process, float(grid[0]), rate(plan))
        first = process.scale(process.time(float(body[0])))
        times = flows.native_times(process, body)
        path = solve(
            flow, start * first, times, "euler", seed=plan.seed, record=min(record, len(body)), progress=progress
        )
        visited = (process.time(float(body[0])) - path.times).tolist()
        scales = torch.tensor([process.scale(t) for t in visited], dtype=path.states.dtype)
        sigmas = np.array([process.sigma(t) for t in visited])
        return denoised(sampled(sigmas, path, path.states / scales[:, None, None]), model, plan)

    return run


def _code(rate: str) -> Callable[[str, bool], Code]:
    def code(name: str, denoise: bool) -> Code:
        return Code(
            "native_flow, native_times",
            f"""{levels_line(name, 2)}
{to_sigma_min(denoise)}process = s.plan.process
scale = [process.scale(process.time(float(sigma))) for sigma in levels]  # y = scale x
# in the process's own coordinates y and time
flow = native_flow(s.model, process, float(levels[0]), {rate})
path = solve(flow, s.start * scale[0], native_times(process, levels), "euler", seed=s.plan.seed)
end = path.states[-1] / scale[-1]{denoiser_line(denoise)}""",
        )

    return code


ODE = Sampler(
    "ode",
    "Euler, process time",
    "The probability-flow ODE in the process's own time and coordinates.",
    METHODS["euler"],
    color=5,
    stochastic=False,
    steps=one_evaluation,
    run=_run(lambda plan: 0.0),
    code=_code("0.0"),
    linear_map=gaussian.native_ode,
)
SDE = Sampler(
    "sde",
    "Euler–Maruyama (λ)",
    "The reverse SDE (λ = 1) and its family, in the process's own time.",
    METHODS["euler"],
    color=3,
    stochastic=True,
    steps=one_evaluation,
    run=_run(lambda plan: plan.stochasticity),
    code=_code("s.plan.stochasticity"),
    linear_map=gaussian.native_sde,
)
