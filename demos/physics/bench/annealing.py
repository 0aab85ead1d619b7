"""Langevin annealing: the same flow with a temperature that falls, and the minimum below where it freezes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

import torch
from torch import Tensor

from demos.common.progress import Progress
from demos.gradient_flow import METHODS, Trajectory, solve
from demos.physics.bench.quench import quench
from demos.physics.bench.system import System


@dataclass(frozen=True)
class Annealing:
    """path: the hot part, B replicas. minima (B, *shape) and energies (B,): each replica's end, quenched."""

    path: Trajectory
    minima: Tensor
    energies: Tensor

    def share(self, energy: float, within: float = 1e-5) -> float:
        """The share of the replicas that froze into a minimum of this energy."""
        return float(((self.energies - energy).abs() <= within).double().mean())


def cooling(hot: float, cold: float, duration: float) -> Callable[[float], float]:
    """kT(t) = hot (cold/hot)^(t/duration), then cold. Kirkpatrick, Gelatt & Vecchi, Science 220 (1983) 671."""
    if not 0 < cold <= hot < float("inf"):
        raise ValueError(f"hot = {hot} and cold = {cold} must obey 0 < cold ≤ hot.")
    return lambda t: hot * (cold / hot) ** min(1.0, max(0.0, t / duration))


def anneal(
    system: System,
    start: Tensor,
    *,
    hot: float = 0.35,
    cold: float = 0.02,
    duration: float = 40.0,
    step: float = 0.005,
    method: str = "baoab",
    friction: float = 1.0,
    seed: int = 0,
    record: int = 120,
    progress: Progress | None = None,
) -> Annealing:
    """Cool replicas start (B, *shape) from kT = hot to cold by a stochastic method of `solve`, then minimize each.

    A start with large forces is minimized first: it would only blow up. Systems with a constraint set need a method
    that can use it (`euler`). The defaults suit a Lennard-Jones cluster, which melts near kT = 0.3.
    Raises ValueError for a method without noise.
    """
    if METHODS[method].stochastic == "never":
        raise ValueError(f"method = {method!r} has no noise; annealing needs a temperature.")
    calm = quench(system, start, steps=200, tolerance=1.0, progress=_at(0.0, progress)).states[-1]
    flow = system.flow(temperature=cooling(hot, cold, duration), friction=friction)
    times = torch.linspace(0, duration, ceil(duration / step) + 1, dtype=torch.float64)
    path = solve(flow, calm, times, method, seed=seed, record=record, progress=progress)
    final = quench(system, path.states[-1], progress=_at(1.0, progress))
    return Annealing(path, final.states[-1], final.energies[-1])


def _at(done: float, progress: Progress | None) -> Progress | None:
    """The same, standing still: for what takes no share of the work."""
    return None if progress is None else lambda _: progress(done)
