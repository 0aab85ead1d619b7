"""Measured beside exact: what stands under the picture. Each check is a fact that holds at any number of evaluations.

How close the samples come to the data is no such fact (it depends on the budget, that is the lesson): it stands in the
tables and notes, beside its floor.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache

import numpy as np
import torch

from demos.contract import Check
from demos.diffusion.data import DataSet
from demos.diffusion.distributions import GaussianMixture
from demos.diffusion.flows import level_times, native_flow, native_times, reverse_flow
from demos.diffusion.gaussian import exact_factor
from demos.diffusion.metrics import log_likelihood, mode_shares
from demos.diffusion.processes import PROCESSES, Edm, LinearPath
from demos.diffusion.samplers import SAMPLERS, Plan, sample
from demos.diffusion.setup import Setup
from demos.diffusion.simulate import Run
from demos.gradient_flow import solve

ORDER_STEPS = (64, 128, 256)
SYMMETRIC = ("gaussians8", "spirals", "pinwheel")  # their classes turn into each other, and so does the noise
EDGE = 0.47754  # ∫₀^∞ −log Φ(u) du: what the blur of an edge costs, see `entropy`
POINTS = 64
MOST_FLOOR = 0.03  # of a factor: a looser tolerance of the adaptive method promises nothing worth a check


def checks(setup: Setup, runs: list[Run]) -> list[Check]:
    found, plan = [], replace(setup.plan, seed=0)  # the checks draw numbers of their own: no seed brings them anew
    setup = replace(setup, plan=plan)
    for i, run in enumerate(runs):
        label = "" if len(runs) == 1 else f" · {run.label}"
        each = gaussian(setup, run) + order(setup, run) + (shares(setup, run) if i == 0 else [])
        found += [replace(check, name=check.name + label) for check in each]
    data = setup.data
    return (
        found
        + likelihood(data, plan.high, plan.low)
        + entropy(data, plan.high, plan.low)
        + score(data, plan)
        + identities(data, plan)
        + forward_variance(data, plan)
    )


def gaussian(setup: Setup, run: Run) -> list[Check]:
    """The same sampler on the same grid, on a Gaussian as wide as the data, where the result is known exactly."""
    steps = run.sampler.steps(setup.config.evaluations, setup.plan)
    return list(_gaussian(run.sampler.name, setup.plan, steps, setup.config.evaluations, setup.data.sigma_data))


@lru_cache(maxsize=256)
def _gaussian(name: str, plan: Plan, steps: int, evaluations: int, spread: float) -> tuple[Check, ...]:
    linear_map = SAMPLERS[name].linear_map
    if linear_map is None or (exact := linear_map(plan, steps, spread)).floor > MOST_FLOOR:
        return ()
    distribution = GaussianMixture([1.0], [[0.0, 0.0]], [spread**2])
    start = _noise(4_000, 1) * plan.high
    path = sample(name, distribution, start, plan, evaluations, record=2)
    source = "each step is a linear map plus noise on a Gaussian (Karras et al. 2022, Song et al. 2021)"
    if exact.variance == 0:
        measured = float((path.end * start).sum() / start.square().sum())
        whole = exact_factor(spread, plan.high, 0.0 if plan.denoise else plan.low)
        note = f"Without a step size it would be {whole:.4g}: {measured / whole - 1:+.1%}."
        return (
            Check(
                "x_end/x_start on a Gaussian, same grid",
                measured,
                exact.factor,
                floor=abs(exact.factor) * max(exact.floor, 1e-9),
                source=source,
                note=note,
            ),
        )
    squares = float(start.square().mean()) * exact.factor**2
    measured = float(path.end.square().mean()) / spread**2
    error = math.sqrt((4 * squares * exact.variance + 2 * exact.variance**2) / start.numel()) / spread**2
    note = "With as many steps as one likes it would be 1." if plan.denoise and name != "annealed" else ""
    return (
        Check(
            "variance on a Gaussian, same grid",
            measured,
            (squares + exact.variance) / spread**2,
            error,
            1e-9,
            unit="σ_data²",
            source=source,
            note=note,
        ),
    )


def order(setup: Setup, run: Run) -> list[Check]:
    """The order of a deterministic sampler, from its error against the closed form at 64, 128 and 256 steps.

    On Karras's grid over a usual range: an order is a promise for small steps, which not every grid has.
    """
    if run.sampler.order is None:
        return []
    process = Edm(1.0) if setup.config.process == "ve" else PROCESSES[setup.config.process](1.0)
    measured = measured_order(run.sampler.name, Plan(process, 10.0, 0.01, denoise=False), 0.5)
    return [
        Check(
            "order of the sampler",
            measured,
            run.sampler.order,
            floor=0.15,
            source="error against x(σ) = x(σ_max) √((S² + σ²)/(S² + σ_max²)) on a Gaussian, 64 to 256 steps",
        )
    ]


@lru_cache(maxsize=64)
def measured_order(name: str, plan: Plan, spread: float, counts: tuple[int, ...] = ORDER_STEPS) -> float:
    """The order of a sampler: of log error over log steps, on the exact solution for a Gaussian."""
    each = int(SAMPLERS[name].row.cost() or 1)  # evaluations a step
    distribution = GaussianMixture([1.0], [[0.0, 0.0]], [spread**2])
    start = torch.ones(1, 2, dtype=torch.float64) * plan.high
    exact = exact_factor(spread, plan.high, plan.low) * plan.high
    taken, errors = [], []
    for count in counts:
        path = sample(name, distribution, start, plan, count * each, record=2)
        taken.append(path.steps)
        errors.append(abs(float(path.end[0, 0]) - exact))
    return -float(np.polyfit(np.log(taken), np.log(np.maximum(errors, 1e-300)), 1)[0])


def shares(setup: Setup, run: Run) -> list[Check]:
    """Mode shares where symmetry fixes them, whatever the number of steps: χ² over all modes."""
    config, data = setup.config, setup.data
    plain = config.score == "exact" and config.score_error == 0 and config.target == "all"
    if data.name not in SYMMETRIC or not plain or not bool(torch.isfinite(run.path.end).all()):
        return []
    found = mode_shares(data, run.path.end)
    freedom = data.classes - 1
    return [
        Check(
            "χ² of the mode shares",
            found.chi_squared,
            freedom,
            math.sqrt(2 * freedom),
            source="equal shares by symmetry; multinomial error",
            sigmas=5.0,
        )
    ]


@lru_cache(maxsize=32)
def _ode_density(data: DataSet, high: float, low: float) -> tuple[torch.Tensor, torch.Tensor]:
    points, _ = data.sample(POINTS, 3)
    found = log_likelihood(data.distribution, points, high, low, prior=lambda x: data.distribution.log_density(x, high))
    return points, found.log_density


def likelihood(data: DataSet, high: float, low: float) -> list[Check]:
    """log p of true points, carried through the ODE with the exact divergence, against the closed form."""
    if data.finite:
        return []
    points, measured = _ode_density(data, high, low)
    exact = data.distribution.log_density(points, low)
    return [
        Check(
            "mean log p by the ODE",
            float(measured.mean()),
            float(exact.mean()),
            floor=2e-3,
            unit="nats",
            source="the law of the data, diffused in closed form",
            note="The floor is the tolerance of the ODE.",
        )
    ]


def entropy(data: DataSet, high: float, low: float) -> list[Check]:
    """−⟨log p⟩ of true points cannot be below the entropy of the data."""
    if data.entropy is None or low > 0.02 * data.distribution.side:  # more blur than the edges' first order tells
        return []
    _, measured = _ode_density(data, high, low)
    blur = 4 * EDGE * low / data.distribution.side  # four edges; the distance to each is uniform
    error = float(measured.std()) / POINTS**0.5
    return [
        Check(
            "−⟨log p⟩ of the data",
            -float(measured.mean()),
            data.entropy + blur,
            error,
            2e-3,
            unit="nats",
            source=f"entropy ln 32 = {data.entropy:.4f}, and the blurred edges at σ_min",
        )
    ]


@lru_cache(maxsize=64)
def _score(data: DataSet, sigma: float) -> float:
    generator = torch.Generator().manual_seed(5)
    points, _ = data.distribution.sample(POINTS, generator)
    x = points + sigma * torch.randn(points.shape, generator=generator, dtype=torch.float64)
    place = x.clone().requires_grad_()
    slope = torch.autograd.grad(data.distribution.log_density(place, sigma).sum(), place)[0]
    return float((data.distribution.score(x, sigma) - slope).abs().max() / slope.abs().max())


def score(data: DataSet, plan: Plan) -> list[Check]:
    sigma = math.sqrt(plan.high * plan.low)
    return [
        Check(
            "score less ∇ log p, largest, relative",
            _score(data, sigma),
            0.0,
            floor=1e-9,
            source="autograd of the closed form, float64",
        )
    ]


@lru_cache(maxsize=64)
def _identities(data: DataSet, plan: Plan) -> float:
    start, grid = _noise(POINTS, 7) * plan.high, plan.levels(12)
    flow, times = reverse_flow(data.distribution, float(grid[0])), level_times(grid)
    ends = [
        solve(flow, start, times, method, record=2, **options).states[-1]
        for method, options in (("euler", {}), ("ancestral", {}), ("dpm_solver_2m", {"multistep_order": 1}))
    ]
    line = LinearPath(data.sigma_data)
    first, last = (line.scale(line.time(float(sigma))) for sigma in (grid[0], grid[-1]))
    straight = native_flow(data.distribution, line, float(grid[0]))
    path = solve(straight, start * first, native_times(line, grid), "euler", record=2)
    ends.append(path.states[-1] / last)
    return max(float((end - ends[0]).abs().max()) for end in ends[1:]) / data.sigma_data


def identities(data: DataSet, plan: Plan) -> list[Check]:
    """Ancestral with η = 0, DPM-Solver++ of first order, Euler in σ and Euler on the straight path of flow matching are
    one method under four names: DDIM."""
    return [
        Check(
            "DDIM four ways, largest difference",
            _identities(data, plan),
            0.0,
            floor=1e-9,
            unit="σ_data",
            source="ancestral η = 0, DPM-Solver++ of order 1, Euler in σ and on the linear path; 12 steps",
        )
    ]


def _noise(count: int, seed: int) -> torch.Tensor:
    return torch.randn(2, count, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).T


@lru_cache(maxsize=64)
def _forward_variance(data: DataSet, plan: Plan) -> tuple[float, float, float]:
    """Variance of y_t half way through the process, its exact value and one standard error."""
    process = plan.process
    t = 0.5 * (process.time(plan.high) + process.time(plan.low))
    scale, sigma = process.scale(t), process.sigma(t)
    generator = torch.Generator().manual_seed(9)
    points, _ = data.distribution.sample(4_000, generator)
    noise = torch.randn(points.shape, generator=generator, dtype=torch.float64)
    squares = (scale * (points - data.distribution.mean + sigma * noise)).square().sum(1) / 2
    exact = scale**2 * (data.sigma_data**2 + sigma**2)
    return float(squares.mean()) / exact, 1.0, float(squares.std()) / math.sqrt(len(squares)) / exact


def forward_variance(data: DataSet, plan: Plan) -> list[Check]:
    measured, exact, error = _forward_variance(data, plan)
    return [
        Check(
            "variance of the forward process, half way",
            measured,
            exact,
            error,
            unit="of s²(σ_data² + σ²)",
            source="y = s(t)(x₀ + σ(t) ε)",
        )
    ]
