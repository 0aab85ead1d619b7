"""`Sampler`: one row of the table of samplers, used by the page, its code, its costs and its checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import Progress
from demos.diffusion import flows
from demos.diffusion.gaussian import LinearMap
from demos.diffusion.models import Model
from demos.diffusion.plan import Plan, Sampled
from demos.gradient_flow import Method, Trajectory, solve

FRAMES = 129  # most recorded states of one path
WARP = 7.0  # ρ of Karras's grid, which spaces the frames of an adaptive path and the steps inside an annealing level


@dataclass(frozen=True)
class Code:
    """Lines of Python that compute, from the setup `s`, the trajectory `path` and the points `end` (N, 2); and the
    names that they import from `demos.diffusion.flows`, separated by commas."""

    imports: str
    lines: str


def _given(evaluations: int, config: Any) -> int:
    return evaluations


@dataclass(frozen=True)
class Sampler:
    """label, description: its name and description on the page. row: the method of `solve` that makes its steps.

    steps: (evaluations, plan) -> number of steps within that budget, at least one; 0 where the method is adaptive.
    run: (model, start, plan, steps, record, progress) -> the path.
    code: (name, denoise) -> the same run as lines of Python; denoise: whether the last step goes to σ = 0.
    linear_map: (plan, steps, spread) -> the map of the whole path on a Gaussian; None where a step is not linear.
    spent: (evaluations, config) -> about how many evaluations it makes with that budget.
    color: an index into the categorical map.
    """

    name: str
    label: str
    description: str
    row: Method
    color: int
    stochastic: bool
    steps: Callable[[int, Plan], int]
    run: Callable[[Model, Tensor, Plan, int, int, Progress | None], Sampled]
    code: Callable[[str, bool], Code]
    linear_map: Callable[[Plan, int, float], LinearMap] | None
    spent: Callable[[int, Any], int] = _given

    @property
    def order(self) -> float | None:
        """The order of convergence in the number of steps; None for samplers with noise and for adaptive ones."""
        return None if self.stochastic or self.row.adaptive is not None else self.row.order.deterministic


def one_evaluation(evaluations: int, plan: Plan) -> int:
    """The number of steps when each takes one evaluation."""
    return max(1, evaluations)


def two_evaluations(evaluations: int, plan: Plan) -> int:
    """The number of steps when each takes two evaluations, and the step to σ = 0 takes one."""
    return max(1, (evaluations + 1) // 2 if plan.denoise else evaluations // 2 + 1)


def sampled(sigmas: np.ndarray, path: Trajectory, states: Tensor | None = None) -> Sampled:
    """A trajectory as a path over noise levels. states: those of the path in the coordinates x, where the trajectory
    has other coordinates."""
    states = path.states if states is None else states
    return Sampled("", sigmas, states, path.evaluations, path.steps, str(path.status))


def falling_levels(path: Trajectory, start: float) -> np.ndarray:
    """The noise levels (F,) of a trajectory whose time is t = σ_start − σ."""
    sigmas = start - path.times.numpy()
    return np.where(sigmas > 1e-12 * start, sigmas, 0.0)


def denoised(path: Sampled, model: Model, plan: Plan) -> Sampled:
    """The path with one more step, the denoiser from σ_min to 0, where the plan asks for it."""
    if not plan.denoise or not bool(torch.isfinite(path.end).all()):
        return path
    last = solve(flows.reverse_flow(model, plan.low), path.end, [0.0, plan.low], "euler", record=2)
    return replace(
        path,
        sigmas=np.append(path.sigmas, 0.0),
        states=torch.cat([path.states, last.states[-1:]]),
        evaluations=path.evaluations + 1,
        steps=path.steps + 1,
    )


def levels_line(name: str, least: int) -> str:
    """The line of code that computes the grid of noise levels."""
    return f'levels = s.plan.levels(max({least}, SAMPLERS["{name}"].steps(config.evaluations, s.plan)))'


def to_sigma_min(denoise: bool) -> str:
    """The line of code that removes the level 0 from the grid, where the denoiser makes the last step."""
    return "levels = levels[:-1]  # to σ_min; the denoiser takes the last step\n" if denoise else ""


def denoiser_line(denoise: bool) -> str:
    """The line of code for `denoised`."""
    return "\nend = s.model.denoiser(end, s.plan.low)  # the last step, to σ = 0" if denoise else ""
