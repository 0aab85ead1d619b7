"""What the steps of a method must lose of the energy balance, as far as it is known before the run.

Euler's step goes straight: x⁺ = x − h∇E(x). On that line the energy falls by ∫∇E(x − s∇E(x))·∇E(x) ds, whatever the
step, while the flow would dissipate what `energy_balance` finds; the difference is what the step loses. For small
steps it is h/4 (|∇E(0)|² − |∇E(t)|²): of first order. Implicit Euler's step goes back along the same line from its
end, and loses as much with the other sign. A method that chooses its steps lets each of them be wrong by its
tolerance, which costs at most |∇E| times that.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import checkpoint
from demos.gradient_flow import Trajectory
from demos.physics.bench.dissipation import CHUNK, EnergyBalance, descent_of
from demos.physics.bench.system import System

STRAIGHT = ("euler", "implicit_euler")
BESIDE = 1e-4  # of a step: for the direction of a step that is bent
RULES = tuple(((nodes + 1) / 2, weights / 2) for nodes, weights in map(np.polynomial.legendre.leggauss, (4, 2)))


def euler_loss(
    system: System, path: Trajectory, balance: EnergyBalance, step: float, implicit: bool
) -> tuple[np.ndarray, np.ndarray]:
    """(F,) the energy that Euler's steps of size `step` must lose up to each of the states of a path of one replica,
    and (F,) how well the quadrature knows it.

    Between two states that are one step apart it is exact; between others the rule for small steps is taken.
    """
    states = (path.states if path.observed is None else path.observed)[:, 0]
    gaps = path.times.diff().numpy()
    falls, rates = _descents(system, states)
    near = states[1:] if implicit else states[:-1]  # where Euler takes its gradient
    along = falls[1:] if implicit else falls[:-1]
    fine, coarse = (_work(system, near, along, step, rule, 1.0 if implicit else -1.0) for rule in RULES)
    dissipated = np.diff(balance.dissipated[:, 0])
    smooth = (-1 if implicit else 1) * step / 4 * -np.diff(rates)
    single = np.isclose(gaps, step, rtol=1e-6)
    lost = np.where(single, fine - dissipated, smooth)
    error = np.where(single, np.abs(fine - coarse), 0.0)
    return np.r_[0.0, lost.cumsum()], np.r_[0.0, error.cumsum()]


def tolerated_loss(system: System, path: Trajectory, rtol: float) -> np.ndarray:
    """(F,) the most energy that steps which are each wrong by the tolerance rtol (1 + |x|) can lose up to each of the
    states of a path of one replica: Σ √rate · error, at both ends of a step."""
    states = (path.states if path.observed is None else path.observed)[:, 0]
    speeds = np.sqrt(_descents(system, states)[1])
    error = rtol * (1 + states.abs()).flatten(1).norm(dim=1).numpy()
    each = np.maximum(speeds[1:], speeds[:-1]) * np.maximum(error[1:], error[:-1])
    return np.r_[0.0, each.cumsum()]


def work_done(system: System, states: Tensor) -> tuple[float, float]:
    """The work of the forces along the polygon through states (F, *shape), and how well the quadrature knows it.

    Whatever the path, it is the energy that falls on it: so energy and forces of a run belong to each other.
    """
    moves = states[:-1] - states[1:]
    fine, coarse = (_work(system, states[:-1], moves, 1.0, rule, -1.0, bent=False) for rule in RULES)
    return float(fine.sum()), float(np.abs(fine - coarse).sum())


def _descents(system: System, states: Tensor) -> tuple[Tensor, np.ndarray]:
    """M∇E at states (F, *shape), and ⟨∇E, M∇E⟩ (F,)."""
    descent, size = descent_of(system), max(1, CHUNK // max(1, states[0].numel()))
    with torch.no_grad():
        parts = [descent(chunk) for chunk in states.split(size)]
    return torch.cat([falls for falls, _ in parts]), torch.cat([rates for _, rates in parts]).numpy()


def _work(
    system: System,
    x: Tensor,
    falls: Tensor,
    h: float,
    rule: tuple[np.ndarray, np.ndarray],
    sign: float,
    bent: bool = True,
) -> np.ndarray:
    """(F,) the work of the force on the straight step of length h from x (F, *shape) along `falls`, forwards (−1), or
    backwards (+1); on a constraint set the step is bent back to it where `bent`."""
    work, size = torch.zeros(len(x), dtype=x.dtype), max(1, CHUNK // max(1, math.prod(x.shape[1:])))
    project = system.project if bent else None
    for first in range(0, len(x), size):
        part = slice(first, first + size)
        for node, weight in zip(*rule, strict=True):
            checkpoint()
            speed = falls[part]
            place = x[part] + sign * float(node) * h * speed
            if project is not None:
                near = [project.retract(place + side * BESIDE * h * speed) for side in (-1, 1)]
                place, speed = (near[0] + near[1]) / 2, (near[1] - near[0]) / (2 * BESIDE * h)
            work[part] += float(weight) * h * (system.gradient(place) * speed).flatten(1).sum(1)
    return work.numpy()
