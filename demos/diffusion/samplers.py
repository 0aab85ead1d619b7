"""Every sampler as a flow, a method of `solve` and a grid; nothing here steps by itself.

All of them start from the same noise x at σ_max and count their evaluations of the denoiser exactly. `solve` follows
the noise level (or the process's own time); where a method does not end at σ = 0 by its own rule, the last step is the
denoiser: Euler's step of the probability-flow ODE from σ_min to 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from demos.diffusion import flows
from demos.diffusion.grids import karras, levels
from demos.diffusion.models import Model
from demos.diffusion.processes import Process
from demos.gradient_flow import METHODS, Method, Trajectory, solve

FRAMES = 129  # states kept of one path, at most
WARP = 7.0  # frames of an adaptive path, and the steps inside one level of annealing, are spread like Karras's grid
Progress = Callable[[float], "bool | None"]


@dataclass(frozen=True)
class Plan:
    """What a sampler is told besides its model, its start and its number of evaluations."""

    process: Process
    high: float  # σ_max, in the unit of the data
    low: float  # σ_min
    grid: str = "karras"
    rho: float = 7.0
    stochasticity: float = 1.0  # λ of `sde`
    eta: float = 1.0  # of `ancestral`
    churn: float = 20.0  # S_churn of `churn`
    churn_low: float = 0.0  # S_min, S_max: where it churns
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
    """One sampler's path. sigmas (F,) falling; states (F, N, 2) in the coordinates x = x₀ + σε."""

    sampler: str
    sigmas: np.ndarray
    states: Tensor
    evaluations: int
    steps: int
    status: str

    @property
    def end(self) -> Tensor:
        return self.states[-1]


@dataclass(frozen=True)
class Sampler:
    """name, what it is, the row of METHODS that steps it, and its colour (index into the categorical map).

    steps: evaluations -> how many steps they pay for, at least one; 0 where the method chooses them itself.
    run: (model, start, plan, steps, record, progress) -> the path.
    """

    name: str
    label: str
    words: str
    row: Method
    color: int
    stochastic: bool
    steps: Callable[[int, Plan], int]
    run: Callable[..., Sampled]


def sample(
    name: str,
    model: Model,
    start: Tensor,
    plan: Plan,
    evaluations: int,
    record: int = FRAMES,
    progress: Progress | None = None,
) -> Sampled:
    """Follow `start` (N, 2), noise at σ = plan.high, down to the data with at most so many evaluations of the model.

    The least number of steps is taken where fewer evaluations are given than one step needs; an adaptive method takes
    what its tolerance asks for. Raises ValueError for an unknown name.
    """
    if name not in SAMPLERS:
        raise ValueError(f"sampler = {name!r} is not one of: {', '.join(SAMPLERS)}.")
    sampler = SAMPLERS[name]
    sampled = sampler.run(model, start, plan, sampler.steps(evaluations, plan), record, progress)
    return replace(sampled, sampler=name)


def _on_levels(
    method: str,
    model: Model,
    start: Tensor,
    plan: Plan,
    steps: int,
    record: int,
    progress,
    stochasticity: flows.Stochasticity | Callable = 0.0,
    **options,
) -> Sampled:
    """A method on noise levels, all the way by its own rule."""
    grid = plan.levels(max(steps, 1 if plan.denoise else 2))
    rate = stochasticity(grid) if callable(stochasticity) else stochasticity
    flow = flows.reverse_flow(model, float(grid[0]), rate)
    path = solve(
        flow,
        start,
        flows.level_times(grid),
        method,
        seed=plan.seed,
        record=min(record, len(grid)),
        progress=progress,
        **options,
    )
    return _sampled(_sigmas(path, grid[0]), path.states, path)


def _euler_in_levels(model, start, plan, steps, record, progress):
    return _on_levels("euler", model, start, plan, steps, record, progress)


def _heun(model, start, plan, steps, record, progress):
    return _on_levels("edm_heun", model, start, plan, steps, record, progress)


def _churn(model, start, plan, steps, record, progress):
    rate = lambda grid: flows.churned(  # the rate needs the grid; without its end it is one step shorter
        grid if grid[-1] == 0 else np.append(grid, 0.0), plan.churn, plan.churn_low, plan.churn_high
    )
    return _on_levels("edm_heun", model, start, plan, steps, record, progress, rate, noise_scale=plan.noise_scale)


def _multistep(model, start, plan, steps, record, progress):
    return _on_levels("dpm_solver_2m", model, start, plan, steps, record, progress)


def _ancestral(model, start, plan, steps, record, progress):
    return _on_levels("ancestral", model, start, plan, steps, record, progress, plan.eta**2)


def _corrected(model, start, plan, steps, record, progress):
    return _on_levels(
        "predictor_corrector",
        model,
        start,
        plan,
        steps,
        record,
        progress,
        1.0,
        corrections=plan.corrections,
        snr=plan.snr,
    )


def _native(rate: Callable[[Plan], float]):
    def run(model, start, plan, steps, record, progress):
        grid = plan.levels(max(steps, 2))
        body = grid[:-1] if plan.denoise else grid
        flow = flows.native_flow(model, plan.process, float(grid[0]), rate(plan))
        first, last = (plan.process.scale(plan.process.time(float(sigma))) for sigma in (body[0], body[-1]))
        times = flows.native_times(plan.process, body)
        path = solve(
            flow, start * first, times, "euler", seed=plan.seed, record=min(record, len(body)), progress=progress
        )
        visited = (plan.process.time(float(body[0])) - path.times).tolist()
        sigmas, scales = [plan.process.sigma(t) for t in visited], [plan.process.scale(t) for t in visited]
        states = path.states / torch.tensor(scales, dtype=path.states.dtype)[:, None, None]
        return _denoised(_sampled(np.array(sigmas), states, path), model, plan)

    return run


def _dormand_prince(model, start, plan, steps, record, progress):
    grid = karras(plan.high, plan.low, record, WARP)  # where frames are wanted; the method chooses its own steps
    path = solve(
        flows.reverse_flow(model, plan.high),
        start,
        flows.level_times(grid),
        "dopri5",
        record=record,
        progress=progress,
        rtol=plan.tolerance,
        atol=plan.tolerance * model.sigma_data,
    )
    return _denoised(_sampled(_sigmas(path, plan.high), path.states, path), model, plan)


def _annealed(model, start, plan, steps, record, progress):
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
    # inside a level σ stands still: its steps are spread over the way to the next, so that a frame has one σ
    at = path.times.numpy() / plan.langevin_steps
    ends = np.append(grid, plan.low * 0.5) ** (1 / WARP)
    sigmas = np.interp(at, np.arange(len(ends)), ends) ** WARP
    return _denoised(_sampled(sigmas, path.states, path), model, plan)


def _sigmas(path: Trajectory, start: float) -> np.ndarray:
    sigmas = start - path.times.numpy()
    return np.where(sigmas > 1e-12 * start, sigmas, 0.0)


def _sampled(sigmas: np.ndarray, states: Tensor, path: Trajectory) -> Sampled:
    return Sampled("", sigmas, states, path.evaluations, path.steps, str(path.status))


def _denoised(sampled: Sampled, model: Model, plan: Plan) -> Sampled:
    """One more step: the denoiser, from the noise at σ_min to 0."""
    if not plan.denoise or not bool(torch.isfinite(sampled.end).all()):
        return sampled
    last = solve(flows.reverse_flow(model, plan.low), sampled.end, [0.0, plan.low], "euler", record=2)
    return replace(
        sampled,
        sigmas=np.append(sampled.sigmas, 0.0),
        states=torch.cat([sampled.states, last.states[-1:]]),
        evaluations=sampled.evaluations + 1,
        steps=sampled.steps + 1,
    )


def _each(evaluations: int, plan: Plan) -> int:
    return max(1, evaluations)


def _two_each(evaluations: int, plan: Plan) -> int:
    return max(1, (evaluations + 1) // 2 if plan.denoise else evaluations // 2 + 1)


SAMPLERS: dict[str, Sampler] = {
    sampler.name: sampler
    for sampler in (
        Sampler(
            "ddim",
            "Euler = DDIM",
            "The probability-flow ODE, Euler's steps in σ.",
            METHODS["euler"],
            0,
            False,
            _each,
            _euler_in_levels,
        ),
        Sampler(
            "heun",
            "Heun (EDM)",
            "The probability-flow ODE, second order, two evaluations a step.",
            METHODS["edm_heun"],
            4,
            False,
            _two_each,
            _heun,
        ),
        Sampler(
            "dpmpp_2m",
            "DPM-Solver++(2M)",
            "The probability-flow ODE in log σ, second order, one evaluation each.",
            METHODS["dpm_solver_2m"],
            1,
            False,
            _each,
            _multistep,
        ),
        Sampler(
            "dopri5",
            "Dormand–Prince",
            "The probability-flow ODE with error control.",
            METHODS["dopri5"],
            2,
            False,
            lambda evaluations, plan: 0,
            _dormand_prince,
        ),
        Sampler(
            "ode",
            "Euler, process time",
            "The probability-flow ODE in the process's own time and coordinates.",
            METHODS["euler"],
            5,
            False,
            _each,
            _native(lambda plan: 0.0),
        ),
        Sampler(
            "sde",
            "Euler–Maruyama (λ)",
            "The reverse SDE (λ = 1) and its family, in the process's own time.",
            METHODS["euler"],
            3,
            True,
            _each,
            _native(lambda plan: plan.stochasticity),
        ),
        Sampler(
            "ancestral",
            "Ancestral (η)",
            "Down by Euler to σ↓, up again by fresh noise σ↑.",
            METHODS["ancestral"],
            6,
            True,
            _each,
            _ancestral,
        ),
        Sampler(
            "churn",
            "Heun with churn",
            "Before each step of Heun a little noise is added back.",
            METHODS["edm_heun"],
            5,
            True,
            _two_each,
            _churn,
        ),
        Sampler(
            "predictor_corrector",
            "Predictor–corrector",
            "Langevin corrections at each level, then ancestral.",
            METHODS["predictor_corrector"],
            2,
            True,
            lambda evaluations, plan: max(1, evaluations // (plan.corrections + 1)),
            _corrected,
        ),
        Sampler(
            "annealed",
            "Annealed Langevin",
            "Langevin dynamics in −log p_σ, one noise level after the other.",
            METHODS["euler"],
            6,
            True,
            lambda evaluations, plan: max(2, (evaluations - plan.denoise) // plan.langevin_steps),
            _annealed,
        ),
    )
}
