"""Prediction of the residual of the energy balance that the step size of a method causes.

Euler's step is straight: x⁺ = x − h∇E(x). On that line the energy falls by ∫∇E(x − s∇E(x))·∇E(x) ds for any step, but
the flow would dissipate what `energy_balance` computes; the difference is the loss of the step. For small steps it is
h/4 (|∇E(0)|² − |∇E(t)|²), of first order in h. Implicit Euler's step is straight with the gradient at its end, and its
loss has the opposite sign. An adaptive method has an error of at most its tolerance in each step, which changes the
energy by at most |∇E| times that.
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
BESIDE = 1e-4  # distance of the finite difference, as a share of a step, for the tangent of a retracted step
(FINE, FINE_WEIGHTS), (COARSE, COARSE_WEIGHTS) = (
    ((nodes + 1) / 2, weights / 2) for nodes, weights in map(np.polynomial.legendre.leggauss, (4, 2))
)
TO_START = np.linalg.solve(np.vander(FINE, 4).T, [0, 0, 0, 1])  # value at 0 of the cubic through values at FINE


def euler_loss(
    system: System, path: Trajectory, balance: EnergyBalance, step: float, implicit: bool
) -> tuple[np.ndarray, np.ndarray]:
    """(F,) the loss of Euler's steps of size `step` up to each state of a path of one replica, and (F,) the error of
    its quadrature.

    Between two states that are one step apart the integral is taken; between others the formula for small steps.
    """
    states = (path.states if path.observed is None else path.observed)[:, 0]
    gaps = path.times.diff().numpy()
    falls, rates = _descents(system, states)
    near = states[1:] if implicit else states[:-1]  # the states at which Euler's method takes its gradient
    along = falls[1:] if implicit else falls[:-1]
    work, unsure = _work(system, near, along, step, 1.0 if implicit else -1.0)
    dissipated = np.diff(balance.dissipated[:, 0])
    smooth = (-1 if implicit else 1) * step / 4 * -np.diff(rates)
    single = np.isclose(gaps, step, rtol=1e-6)
    lost = np.where(single, work - dissipated, smooth)
    error = np.where(single, unsure, 0.0)
    return np.r_[0.0, lost.cumsum()], np.r_[0.0, error.cumsum()]


def tolerated_loss(system: System, path: Trajectory, rtol: float) -> np.ndarray:
    """(F,) the largest loss up to each state of a path of one replica, if each step has an error of the tolerance
    rtol (1 + |x|): Σ √rate · error, at both ends of a step."""
    states = (path.states if path.observed is None else path.observed)[:, 0]
    speeds = np.sqrt(_descents(system, states)[1])
    error = rtol * (1 + states.abs()).flatten(1).norm(dim=1).numpy()
    each = np.maximum(speeds[1:], speeds[:-1]) * np.maximum(error[1:], error[:-1])
    return np.r_[0.0, each.cumsum()]


def work_done(system: System, states: Tensor) -> tuple[float, float]:
    """The work of the forces along the polygon through states (F, *shape), and the error of its quadrature.

    On any path it equals the energy that falls, so that it tests whether forces and energy are consistent.
    """
    moves = states[:-1] - states[1:]
    work, error = _work(system, states[:-1], moves, 1.0, -1.0, bent=False)
    return float(work.sum()), float(error.sum())


def _descents(system: System, states: Tensor) -> tuple[Tensor, np.ndarray]:
    """M∇E at states (F, *shape), and ⟨∇E, M∇E⟩ (F,)."""
    descent, size = descent_of(system), max(1, CHUNK // max(1, states[0].numel()))
    with torch.no_grad():
        parts = [descent(chunk) for chunk in states.split(size)]
    return torch.cat([falls for falls, _ in parts]), torch.cat([rates for _, rates in parts]).numpy()


def _work(
    system: System, x: Tensor, falls: Tensor, h: float, sign: float, bent: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """(F,) the work of the force on the straight step of length h from x (F, *shape) along `falls`, forwards
    (sign −1) or backwards (+1), and (F,) its error. bent: on a constraint set, retract the points of the step to it.

    Gauss's rules with four and two nodes give work and error. Where a step is so long that the force is felt at one of
    its ends only, all nodes miss it; the values at the ends tell."""
    power = lambda place: _power(system, x, falls, h, float(place), sign, bent)
    values = np.array([power(place) for place in FINE])
    work = FINE_WEIGHTS @ values
    error = np.abs(work - COARSE_WEIGHTS @ np.array([power(place) for place in COARSE]))
    for place, weights in ((0.0, TO_START), (1.0, TO_START[::-1])):
        missed = np.abs(power(place) - weights @ values) * FINE[0] / 2  # a triangle between the end and the next node
        error = np.maximum(error, missed)
    return h * work, h * error


def _power(system: System, x: Tensor, falls: Tensor, h: float, part: float, sign: float, bent: bool) -> np.ndarray:
    """(F,) ⟨∇E, speed⟩ at the points of the steps from x where a part (0 to 1) of the step is done."""
    found, size = [], max(1, CHUNK // max(1, math.prod(x.shape[1:])))
    project = system.project if bent else None
    for speed, start in zip(falls.split(size), x.split(size), strict=True):
        checkpoint()
        place = start + sign * part * h * speed
        if project is not None:
            near = [project.retract(place + side * BESIDE * h * speed) for side in (-1, 1)]
            place, speed = (near[0] + near[1]) / 2, (near[1] - near[0]) / (2 * BESIDE * h)
        found.append((system.gradient(place) * speed).flatten(1).sum(1))
    return torch.cat(found).numpy() if found else np.zeros(0)
