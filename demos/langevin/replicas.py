"""A run repeated with other particles by independent code (`replay`), where no formula predicts the method's result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from demos.common.schedules import Cooling
from demos.langevin.reference.replay import Dynamics, Replay
from demos.langevin.reference.underdamped import RUBBED
from demos.langevin.samplers import has_unknown_cost
from demos.langevin.setup import Setup
from demos.langevin.simulate import MethodRun

EVALUATIONS = 2_000_000  # most gradient evaluations, over all particles
CALLS = 4_000  # most calls of the gradient
IMPLICIT = 40  # time of an implicit step in gradient calls
NEWTON = 20  # the same for few particles, where the overhead of calls dominates
PARTICLES = (200, 2_000)
ELSEWHERE = 7_919  # added to the run's seed for the start of the replicas


@dataclass(frozen=True, eq=False)
class Cloud:
    """points (M, 2) float64 at the end of the run, nan for a lost particle; lost: the share of lost particles."""

    points: Tensor
    finer: bool = False

    @property
    def alive(self) -> Tensor:
        return self.points[torch.isfinite(self.points).all(1)]

    @property
    def lost(self) -> float:
        return 1 - len(self.alive) / len(self.points)

    def mean(self, function: Callable[[Tensor], Tensor]) -> tuple[float, float, float]:
        """⟨f⟩ over the particles that are not lost, its standard error, and the standard deviation of f."""
        values = function(self.alive).to(torch.float64)
        if len(values) < 2:
            return float("nan"), float("inf"), float("nan")
        spread = float(values.std())
        return float(values.mean()), spread / float(np.sqrt(len(values))), spread

    def kurtosis(self, function: Callable[[Tensor], Tensor]) -> float:
        """⟨(f − ⟨f⟩)⁴⟩/Var² over the particles that are not lost: at most their number, if a single one dominates."""
        values = function(self.alive).to(torch.float64).numpy()
        square = np.square(values - values.mean()) if len(values) else np.zeros(1)
        return float(np.mean(np.square(square)) / np.mean(square) ** 2) if square.any() else 1.0


def dynamics_of(setup: Setup, run: MethodRun) -> Dynamics:
    config, kT = setup.config, setup.temperature
    temperature = kT if isinstance(kT, Cooling) else lambda t: kT
    return Dynamics(
        setup.landscape, run.method, config.step, temperature, config.friction, config.mass, config.leapfrog_steps
    )


def cost_of(setup: Setup, run: MethodRun) -> float:
    """The time of one step in gradient calls."""
    return IMPLICIT if has_unknown_cost(run.method) else setup.config.evaluations(run.method)


def cloud(setup: Setup, run: MethodRun, finer: bool = False, enough: float = np.inf) -> Cloud | None:
    """As many particles as the limits allow, from a new start; `finer`: by BAOAB with half the step. After a time
    `enough` the start is forgotten, and they need not go on. None where even a few would take too long."""
    steps, cost, dynamics = run.path.steps, cost_of(setup, run), dynamics_of(setup, run)
    steps = int(min(steps, np.ceil(enough / setup.config.step)))
    if has_unknown_cost(run.method):
        cost = NEWTON
    if finer:
        steps, cost, dynamics = 2 * steps, 1, replace(dynamics, method="baoab", h=dynamics.h / 2)
    low, high = PARTICLES
    count = int(min(high, EVALUATIONS / max(1, steps * cost)))
    if finer and setup.config.friction * dynamics.h > RUBBED:
        return None
    if steps < 1 or steps * cost > CALLS or count < low:
        return None
    config = setup.config
    seed = (config.seed + ELSEWHERE + finer) % 2**31
    start = Setup.of(config.replace(seed=seed, particles=count)).start
    replay = Replay(dynamics, start, torch.zeros(count, dtype=torch.long), steps, seed)
    return Cloud(replay.advance(steps).to(torch.float64), finer)
