"""A run repeated with other particles by independent code (`replay`), where no formula predicts the method's result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from demos.common.schedules import Cooling
from demos.langevin.reference.replay import FAR, Dynamics, Replay
from demos.langevin.reference.underdamped import RUBBED
from demos.langevin.samplers import has_unknown_cost
from demos.langevin.setup import Setup
from demos.langevin.simulate import MethodRun

EVALUATIONS = 2_000_000  # most gradient evaluations, over all particles
CALLS = 4_000  # most calls of the gradient
IMPLICIT = 40  # time of an implicit step in gradient calls
NEWTON = 20  # the same for few particles, where the overhead of calls dominates
FEWEST = 20  # least number of particles whose moves between frames are made again
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


@dataclass(frozen=True, eq=False)
class FromFrames:
    """Some particles of a run, moved from each recorded frame to the next by independent code, as far as a run with too
    many steps for a `Cloud` can be repeated.

    lost: the share of them that these moves lose, all frames together. points (M, 2) float64: where the last moves end;
    nan for a lost particle, or for one that was lost before.
    """

    lost: float
    points: Tensor

    def error(self, share: float, again: float, particles: int) -> float:
        """The standard error of a share of the run's particles minus that `again` of these moves, if both have one
        expectation q.

        A particle is lost once, so that the losses minus what was expected of them at each frame have a variance of at
        most q; so have the losses of the replays. What was expected of a particle over the whole run has at most 2q; it
        counts where only some of the particles were moved again.
        """
        count = len(self.points)
        likely = (share * particles + again * count) / (particles + count)
        some = 2 / count if count < particles else 0.0
        return float(np.sqrt(likely * (1 / particles + 1 / count + some)))


def from_frames(setup: Setup, run: MethodRun) -> FromFrames | None:
    """As many particles as the limits allow. None where even a few, or the moves of one frame, would take too long."""
    path, cost, config = run.path, cost_of(setup, run), setup.config
    frames = np.round(run.times / config.step).astype(int)
    lengths = np.diff(frames)
    count = int(min(config.particles, EVALUATIONS / max(1, frames[-1] * cost)))
    if count < FEWEST or lengths.min() < 1 or lengths.max() * cost > CALLS:
        return None
    chosen = torch.linspace(0, config.particles - 1, count).round().long()
    remembers, lost, last = run.method == "leimkuhler_matthews", 0, torch.empty(0)
    for length in np.unique(lengths):
        for is_start in (True, False):
            members = [int(k) for k in np.flatnonzero(lengths == length) if (k == 0) == is_start]
            if not members:
                continue
            x = torch.cat([path.states[k][chosen] for k in members])
            p = None if path.momenta is None else torch.cat([path.momenta[k][chosen] for k in members])
            at = torch.cat([torch.full((count,), int(frames[k])) for k in members])
            seed = (config.seed + ELSEWHERE + 2 + int(length)) % 2**31
            local = remembers and not is_start
            replay = Replay(dynamics_of(setup, run), x, at, int(frames[-1]), seed, p, local)
            ends = torch.where(_is_here(x), replay.advance(int(length)), torch.nan)
            lost += int((_is_here(x) & ~torch.isfinite(ends)).any(1).sum())
            if members[-1] == len(lengths) - 1:
                last = ends[-count:].to(torch.float64)
    return FromFrames(lost / count, last)


def _is_here(x: Tensor) -> Tensor:
    """(M, 1) whether each particle is not lost."""
    return (x.abs() < FAR).all(1, keepdim=True)
