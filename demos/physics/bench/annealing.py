"""Langevin annealing: the flow with noise at a falling temperature, and then minimization from where it ends."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import torch
from torch import Tensor

from demos.common.progress import Progress, part
from demos.common.schedules import Cooling
from demos.gradient_flow import METHODS, Trajectory, solve
from demos.physics.bench.quench import quench
from demos.physics.bench.system import System


@dataclass(frozen=True)
class Annealing:
    """path: the trajectory of B replicas at falling temperature. minima (B, *shape) and energies (B,): the minima found
    from their last states."""

    path: Trajectory
    minima: Tensor
    energies: Tensor

    def share(self, energy: float, within: float = 1e-5) -> float:
        """The share of the replicas that ended in a minimum of this energy."""
        return float(((self.energies - energy).abs() <= within).double().mean())


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

    A start with large forces is minimized first, because steps from it would diverge. Systems with a constraint set
    need a method that supports one (`euler`). The defaults suit a Lennard-Jones cluster, which melts near kT = 0.3.
    Raises ValueError for a method without noise, or temperatures that are not positive.
    """
    if METHODS[method].stochastic == "never":
        raise ValueError(f"method = {method!r} has no noise; annealing needs a temperature.")
    calm = quench(system, start, steps=200, tolerance=1.0, progress=part(progress, 0.0, 1.0, share=0.0)).states[-1]
    flow = system.flow(temperature=Cooling("exponential", hot, cold, duration), friction=friction)
    times = torch.linspace(0, duration, ceil(duration / step) + 1, dtype=torch.float64)
    path = solve(flow, calm, times, method, seed=seed, record=record, progress=progress)
    final = quench(system, path.states[-1], progress=part(progress, 1.0, 1.0, share=0.0))
    return Annealing(path, final.states[-1], final.energies[-1])
