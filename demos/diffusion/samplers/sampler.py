"""What a sampler is: one row of the table, with all that the page, its code, its costs and its checks need of it."""

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

FRAMES = 129  # states kept of one path, at most
WARP = 7.0  # frames of an adaptive path, and the steps inside one level of annealing, are spread like Karras's grid


@dataclass(frozen=True)
class Code:
    """Lines of Python from the setup `s` to the trajectory `path` and the points `end` (N, 2), and what they import
    from `demos.diffusion.flows`, by commas."""

    imports: str
    lines: str


def _given(evaluations: int, config: Any) -> int:
    return evaluations


@dataclass(frozen=True)
class Sampler:
    """label, description: what the page calls it, and says of it. row: the method of `solve` that steps it.

    steps: (evaluations, plan) -> how many steps they pay for, at least one; 0 where the method chooses them itself.
    run: (model, start, plan, steps, record, progress) -> the path.
    code: (name, denoise) -> the same run as lines of Python; denoise: whether the last step goes to σ = 0.
    linear_map: (plan, steps, spread) -> what the whole path is on a Gaussian; None where its step is not linear.
    spent: (evaluations, config) -> the evaluations that it makes of those it is given, about.
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
        """In the number of steps; None where noise hides it, and where the method chooses its steps itself."""
        return None if self.stochastic or self.row.adaptive is not None else self.row.order.deterministic


def one_evaluation(evaluations: int, plan: Plan) -> int:
    """Steps that take one evaluation each."""
    return max(1, evaluations)


def two_evaluations(evaluations: int, plan: Plan) -> int:
    """Steps that take two evaluations each; the one to σ = 0 takes one."""
    return max(1, (evaluations + 1) // 2 if plan.denoise else evaluations // 2 + 1)


def sampled(sigmas: np.ndarray, path: Trajectory, states: Tensor | None = None) -> Sampled:
    """A trajectory as a path over noise levels; states: in the coordinates x, where the trajectory's own are others."""
    states = path.states if states is None else states
    return Sampled("", sigmas, states, path.evaluations, path.steps, str(path.status))


def falling_levels(path: Trajectory, start: float) -> np.ndarray:
    """The noise levels (F,) of a trajectory whose time is t = σ_start − σ."""
    sigmas = start - path.times.numpy()
    return np.where(sigmas > 1e-12 * start, sigmas, 0.0)


def denoised(path: Sampled, model: Model, plan: Plan) -> Sampled:
    """One more step, where the plan says so: the denoiser, from the noise at σ_min to 0."""
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
    """The line of code that makes the grid of noise levels."""
    return f'levels = s.plan.levels(max({least}, SAMPLERS["{name}"].steps(config.evaluations, s.plan)))'


def to_sigma_min(denoise: bool) -> str:
    """The line of code that takes the last level from the grid, where the denoiser takes the last step."""
    return "levels = levels[:-1]  # to σ_min; the denoiser takes the last step\n" if denoise else ""


def denoiser_line(denoise: bool) -> str:
    """The line of code for `denoised`."""
    return "\nend = s.model.denoiser(end, s.plan.low)  # the last step, to σ = 0" if denoise else ""
