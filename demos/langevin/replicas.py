"""Particles of a run moved again, by code of their own: where no formula tells what a method gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from demos.common.schedules import Cooling
from demos.langevin.reference.replay import Dynamics, Replay
from demos.langevin.samplers import has_unknown_cost
from demos.langevin.setup import Setup
from demos.langevin.simulate import MethodRun

EVALUATIONS = 2_000_000  # of gradients, for all particles
CALLS = 4_000  # of the gradient
IMPLICIT = 40  # gradient calls that an implicit step takes as long as
NEWTON = 20  # the same for few particles, whose calls cost more than their work
PARTICLES = (200, 2_000)
ELSEWHERE = 7_919  # the seed of the replicas' start, from that of the run


@dataclass(frozen=True, eq=False)
class Cloud:
    """points (M, 2) float64 at the end of the run, nan for a particle that is lost; lost: their share."""

    points: Tensor
    finer: bool = False

    @property
    def alive(self) -> Tensor:
        return self.points[torch.isfinite(self.points).all(1)]

    @property
    def lost(self) -> float:
        return 1 - len(self.alive) / len(self.points)

    def mean(self, function: Callable[[Tensor], Tensor]) -> tuple[float, float, float]:
        """⟨f⟩ of those that are not lost, its standard error, and the standard deviation of f."""
        values = function(self.alive).to(torch.float64)
        if len(values) < 2:
            return float("nan"), float("inf"), float("nan")
        spread = float(values.std())
        return float(values.mean()), spread / float(np.sqrt(len(values))), spread

    def kurtosis(self, function: Callable[[Tensor], Tensor]) -> float:
        """⟨(f − ⟨f⟩)⁴⟩/Var² of those that are not lost: at most their number, and near it where one decides all."""
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
    """Gradient calls that one step takes as long as."""
    return IMPLICIT if has_unknown_cost(run.method) else setup.config.evaluations(run.method)


def cloud(setup: Setup, run: MethodRun, finer: bool = False) -> Cloud | None:
    """As many particles as are affordable, from a start drawn anew; `finer`: with half the step, by BAOAB. None where
    even few would take too long."""
    steps, cost, dynamics = run.path.steps, cost_of(setup, run), dynamics_of(setup, run)
    if has_unknown_cost(run.method):
        cost = NEWTON
    if finer:
        steps, cost, dynamics = 2 * steps, 1, replace(dynamics, method="baoab", h=dynamics.h / 2)
    low, high = PARTICLES
    count = int(min(high, EVALUATIONS / max(1, steps * cost)))
    if steps < 1 or steps * cost > CALLS or count < low:
        return None
    config = setup.config
    seed = (config.seed + ELSEWHERE + finer) % 2**31
    start = Setup.of(config.replace(seed=seed, particles=count)).start
    replay = Replay(dynamics, start, torch.zeros(count, dtype=torch.long), steps, seed)
    return Cloud(replay.advance(steps).to(torch.float64), finer)
