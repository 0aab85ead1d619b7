"""A config as a flow, a start and a path: the only place where this demo calls the solver."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import log1p

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import Progress, checkpoint
from demos.gradient_flow import GradientFlow, Method, Trajectory, solve
from demos.landscapes import Landscape
from demos.langevin.config import SAMPLERS, LangevinConfig, cost, landscape_of, options_of
from demos.langevin.exact.quadrature import Boltzmann
from demos.picture.colors import method_color

FRAMES = 120
PILOT = 24  # steps that tell what an implicit step takes: within a tenth of what it takes in the long run
TRIES = 1_000  # to draw a start outside a wall


@dataclass(frozen=True)
class Run:
    """One method's path through one config."""

    method: str
    row: Method
    path: Trajectory
    steps: int  # planned; path.steps were taken

    @property
    def states(self) -> np.ndarray:
        """(F, N, 2) float32."""
        return self.path.states.numpy()

    @property
    def color(self) -> int:
        """The method's place in the categorical colours: the same on every chart."""
        return method_color(self.method)


def simulate(config: LangevinConfig, progress: Progress | None = None) -> list[Run]:
    """A run for the method of the config and for each it is compared with: same seed, same start, same number of
    gradient evaluations (about the same, for a method that takes what it needs), the same number of frames."""
    flow, start = flow_of(config), start_of(config)
    planned = planned_steps(config)
    frames = max(2, min(FRAMES, *(steps + 1 for steps in planned.values())))
    runs = []
    for i, (method, steps) in enumerate(planned.items()):
        part: Progress | None = None
        if progress is not None:
            part = lambda done, i=i: progress((i + done) / len(planned))
        path = solve(
            flow,
            start,
            torch.arange(steps + 1, dtype=torch.float64) * config.step,
            method,
            seed=config.seed,
            record=frames,
            progress=part,
            **options_of(method, config),
        )
        runs.append(Run(method, SAMPLERS[method], path, steps))
    return runs


def planned_steps(config: LangevinConfig) -> dict[str, int]:
    """How many steps each method of a config takes, for the same number of gradient evaluations."""
    if not config.compare:
        return {config.method: config.steps}
    a_step = {method: evaluations_a_step(method, config) for method in (config.method, *config.compare)}
    budget = config.steps * a_step[config.method]
    return {method: max(1, round(budget / each)) for method, each in a_step.items()}


def evaluations_a_step(method: str, config: LangevinConfig) -> float:
    """Gradient evaluations; of an implicit method, whose Newton iterations nobody knows before, in a short run."""
    if not is_approximate(method):
        return cost(method, config)
    steps = min(config.steps, PILOT)
    path = solve(
        flow_of(config),
        start_of(config),
        torch.arange(steps + 1, dtype=torch.float64) * config.step,
        method,
        seed=config.seed,
        record=2,
        progress=lambda done: checkpoint(),
        **options_of(method, config),
    )
    return path.evaluations / path.steps if path.steps else cost(method, config)


def is_approximate(method: str) -> bool:
    """Whether its evaluations depend on the problem, so that a comparison at equal cost is only about that."""
    return SAMPLERS[method].evaluations is None


def flow_of(config: LangevinConfig) -> GradientFlow:
    landscape = landscape_of(config)
    return GradientFlow(
        energy=landscape.energy,
        gradient=landscape.gradient,
        hessian=landscape.hessian,
        temperature=schedule_of(config),
        friction=config.friction,
        mass=config.mass,
    )


def step_limit(config: LangevinConfig, method: str = "") -> float:
    """The largest stable step of a method, the config's by default, at the sharpest minimum; inf: there is none."""
    method = method or config.method
    return SAMPLERS[method].step_limit(landscape_of(config).curvature, flow_of(config), **options_of(method, config))


def schedule_of(config: LangevinConfig) -> float | Callable[[float], float]:
    """kT, or kT(t) over the run."""
    return cooling(config.schedule, config.temperature, config.cold, config.duration)


def cooling(schedule: str, hot: float, cold: float, end: float) -> float | Callable[[float], float]:
    """kT(t) from `hot` at 0 to `cold` at `end`, constant after it. "logarithmic" falls as 1/log t, the slow cooling
    that finds the deepest well (Geman & Hwang, SIAM J. Control Optim. 24 (1986) 1031)."""
    if schedule == "constant":
        return hot
    share = lambda t: min(max(t / end, 0.0), 1.0)
    if schedule == "linear":
        return lambda t: hot + (cold - hot) * share(t)
    if schedule == "exponential":
        return lambda t: hot * (cold / hot) ** share(t)
    return lambda t: 1 / (1 / hot + (1 / cold - 1 / hot) * log1p(end * share(t)) / log1p(end))


def start_of(config: LangevinConfig) -> Tensor:
    """(N, 2) float32, from the seed: a stream of its own, apart from the dynamics' noise. None inside a wall: a cloud
    or a spread that reaches into one is drawn there again, as if its law ended at the wall."""
    random = np.random.default_rng([config.seed, 1])
    landscape, count = landscape_of(config), config.particles
    place = np.array([config.x0, config.y0])
    if config.start == "point":
        points = np.tile(place, (count, 1))
    elif config.start == "cloud":
        points = _outside_walls(landscape, count, lambda n: place + config.spread * random.standard_normal((n, 2)))
    elif config.start == "box":
        low, high = np.array(landscape.view).T
        points = _outside_walls(landscape, count, lambda n: low + (high - low) * random.random((n, 2)))
    else:
        points = equilibrium_points(landscape, config.temperature, count, random)
    return torch.from_numpy(points.astype(np.float32))


def _outside_walls(landscape: Landscape, count: int, draw: Callable[[int], np.ndarray]) -> np.ndarray:
    points = draw(count)
    for _ in range(TRIES):
        inside = ~landscape.energy(torch.from_numpy(points.astype(np.float32))).isfinite().numpy()
        if not inside.any():
            break
        points[inside] = draw(int(inside.sum()))
    return points


def equilibrium_points(landscape: Landscape, kT: float, count: int, random: np.random.Generator) -> np.ndarray:
    """(N, 2) from exp(−U/kT), by inverse CDF on a grid; through the landscape's own chart where it has one."""
    chart = landscape.chart
    axes = tuple(np.linspace(*side, 401) for side in (chart.box if chart else landscape.box))
    if chart is None:
        return Boltzmann.of(landscape.on_grid(*axes), axes, kT).sample(count, random)
    u, v = np.meshgrid(*axes)
    points = torch.from_numpy(np.stack([chart.x(u, v).ravel(), chart.y(u, v).ravel()], axis=1))
    energy = landscape.energy(points).numpy().reshape(u.shape) - kT * np.log(chart.area(u, v))
    drawn = Boltzmann.of(energy, axes, kT).sample(count, random)
    return np.stack([chart.x(*drawn.T), chart.y(*drawn.T)], axis=1)
