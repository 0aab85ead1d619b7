"""Self-tests of the code: the samplers of a picture on a toy Gaussian, identities, closed forms against autograd.

They test the code and not the picture: none of its samples enters.
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
from demos.diffusion.metrics import log_likelihood
from demos.diffusion.processes import PROCESSES, Edm, LinearPath
from demos.diffusion.samplers import SAMPLERS, Plan, sample
from demos.diffusion.setup import Setup
from demos.diffusion.simulate import Run
from demos.gradient_flow import solve

ORDER_STEPS = (64, 128, 256)
EDGE = 0.47754  # ∫₀^∞ −log Φ(u) du: blur σ at one edge of a square adds EDGE σ/side nats of entropy, see `entropy`
POINTS = 64
MOST_FLOOR = 0.03  # tolerance of a factor above which the adaptive method is not checked: the check would be too weak


def self_tests(setup: Setup, runs: list[Run]) -> list[Check]:
    found, plan = [], replace(setup.plan, seed=0)  # the checks do not depend on the visitor's seed
    setup = replace(setup, plan=plan)
    for run in runs:
        found += [
            check.labelled(run.label if len(runs) > 1 else "") for check in gaussian(setup, run) + order(setup, run)
        ]
    data = setup.data
    found += likelihood(data, plan.high, plan.low) + entropy(data, plan.high, plan.low)
    return [replace(check, about="code") for check in found + score(data, plan) + identities(data, plan)]


def gaussian(setup: Setup, run: Run) -> list[Check]:
    """Rows of the run's sampler with its grid on a Gaussian as wide as the data, where the result is known exactly."""
    steps = run.sampler.steps(setup.config.evaluations, setup.plan)
    return list(_gaussian(run.sampler.name, setup.plan, steps, setup.config.evaluations, setup.data.sigma_data))


@lru_cache(maxsize=256)
def _gaussian(name: str, plan: Plan, steps: int, evaluations: int, spread: float) -> tuple[Check, ...]:
    linear_map = SAMPLERS[name].linear_map
    if linear_map is None or (exact := linear_map(plan, steps, spread)).floor > MOST_FLOOR:
        return ()
    distribution = GaussianMixture([1.0], [[0.0, 0.0]], [spread**2])
    # a map without noise is the same for any number of points; a variance is known as well as there are points
    start = _noise(POINTS if exact.variance == 0 else 4_000, 1) * plan.high
    path = sample(name, distribution, start, plan, evaluations, record=2)
    source = "each step is a linear map plus noise on a Gaussian (Karras et al. 2022, Song et al. 2021)"
    if exact.variance == 0:
        measured = float((path.end * start).sum() / start.square().sum())
        whole = exact_factor(spread, plan.high, 0.0 if plan.denoise else plan.low)
        note = f"Without a step size it would be {whole:.4g}: {measured / whole - 1:+.1%}."
        return (
            Check(
                "Gaussian data: end over start, on the same noise levels",
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
            "Gaussian data: variance at the end, on the same noise levels",
            measured,
            (squares + exact.variance) / spread**2,
            error,
            1e-9,
            unit="squared spreads of the data",
            source=source,
            note=note,
        ),
    )


def order(setup: Setup, run: Run) -> list[Check]:
    """The order of a deterministic sampler, from its error against the closed form at 64, 128 and 256 steps.

    It is measured on Karras's grid over the usual range, because an order holds only for small steps, and some grids
    have large ones.
    """
    if run.sampler.order is None:
        return []
    process = Edm(1.0) if setup.config.process == "ve" else PROCESSES[setup.config.process](1.0)
    measured = measured_order(run.sampler.name, Plan(process, 10.0, 0.01, denoise=False), 0.5)
    return [
        Check(
            "Order of the sampler, on Gaussian data",
            measured,
            run.sampler.order,
            floor=0.15,
            source="error against x(σ) = x(σ_max) √((S² + σ²)/(S² + σ_max²)) on a Gaussian, 64 to 256 steps",
        )
    ]


@lru_cache(maxsize=64)
def measured_order(name: str, plan: Plan, spread: float, counts: tuple[int, ...] = ORDER_STEPS) -> float:
    """The order of a sampler: the slope of log error over log step size, for a Gaussian with its exact solution."""
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


@lru_cache(maxsize=32)
def _ode_density(data: DataSet, high: float, low: float) -> tuple[torch.Tensor, torch.Tensor]:
    points, _ = data.sample(POINTS, 3)
    found = log_likelihood(data.distribution, points, high, low, prior=lambda x: data.distribution.log_density(x, high))
    return points, found.log_density


def likelihood(data: DataSet, high: float, low: float) -> list[Check]:
    """The row of log p of true points: by the ODE with the exact divergence, against the closed form."""
    if data.finite:
        return []
    points, measured = _ode_density(data, high, low)
    exact = data.distribution.log_density(points, low)
    return [
        Check(
            "Mean log density of 64 true points, by the ODE",
            float(measured.mean()),
            float(exact.mean()),
            floor=2e-3,
            unit="nats",
            source="the distribution of the data, diffused in closed form",
            note="The floor is the tolerance of the ODE.",
        )
    ]


def entropy(data: DataSet, high: float, low: float) -> list[Check]:
    """The row of −⟨log p⟩ of true points, which cannot be below the entropy of the data."""
    if data.entropy is None or low > 0.02 * data.distribution.side:  # too much blur for the first order in σ/side
        return []
    _, measured = _ode_density(data, high, low)
    blur = 4 * EDGE * low / data.distribution.side  # four edges; the distance to each is uniform
    error = float(measured.std()) / POINTS**0.5
    return [
        Check(
            "Entropy of the data, from 64 true points",
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
    with torch.enable_grad():  # also where a caller has switched it off
        place = x.clone().requires_grad_()
        slope = torch.autograd.grad(data.distribution.log_density(place, sigma).sum(), place)[0]
    return float((data.distribution.score(x, sigma) - slope).abs().max() / slope.abs().max())


def score(data: DataSet, plan: Plan) -> list[Check]:
    sigma = math.sqrt(plan.high * plan.low)
    return [
        Check(
            "Exact score minus the gradient of log density, largest, relative",
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
    """The row that checks an identity: ancestral sampling with η = 0, first-order DPM-Solver++, Euler in σ and Euler on
    the straight path of flow matching are all DDIM."""
    return [
        Check(
            "DDIM in four ways of writing it, largest difference",
            _identities(data, plan),
            0.0,
            floor=1e-9,
            unit="spreads of the data",
            source="ancestral η = 0, DPM-Solver++ of order 1, Euler in σ and on the linear path; 12 steps",
        )
    ]


def _noise(count: int, seed: int) -> torch.Tensor:
    return torch.randn(2, count, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).T
