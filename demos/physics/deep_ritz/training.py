"""Runs of the Deep Ritz network that a page shows: the field it draws while it learns, beside the exact solution."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from demos.contract import Check
from demos.gradient_flow import Trajectory, solve
from demos.physics.deep_ritz.model import DeepRitz, exact_centre, exact_energy, exact_solution

STEPS = {"lbfgs": (300, 0.1), "adam": (2000, 5e-3), "heavy_ball": (2000, 5e-3), "euler": (2000, 5e-2)}
"""method -> steps, and their size: the longest move of a weight, or the learning rate"""


@dataclass(frozen=True)
class RitzRun:
    """fields (F, n, n) and exact (n, n), rows along y; energies and centres (F,); steps (F,) their numbers."""

    path: Trajectory
    fields: np.ndarray
    exact: np.ndarray
    energies: np.ndarray
    centres: np.ndarray
    steps: np.ndarray
    checks: tuple[Check, ...]


def learn(
    net: DeepRitz,
    start: Tensor,
    method: str = "lbfgs",
    steps: int | None = None,
    frames: int = 60,
    points: int = 65,
    progress: Callable[[float], bool | None] | None = None,
) -> RitzRun:
    """Minimize the Dirichlet energy of one network (1, P) by a method of STEPS.

    Raises ValueError where the method is none of them.
    """
    if method not in STEPS:
        raise ValueError(f"method = {method!r} must be one of: {', '.join(STEPS)}.")
    count, size = STEPS[method]
    count = steps or count
    options = {"pairs": 30, "newton": 0.0} if method == "lbfgs" else {}
    path = solve(
        net.system().flow(), start, np.arange(count + 1) * size, method, record=frames, progress=progress, **options
    )
    states = path.states[:, 0]
    return RitzRun(
        path,
        net.field(states, points).float().numpy(),
        exact_solution(points),
        path.energies[:, 0].numpy(),
        net.centre(states).numpy(),
        np.round(path.times.numpy() / size).astype(int),
        ritz_checks(net, path.states[-1]),
    )


def ritz_checks(net: DeepRitz, weights: Tensor) -> tuple[Check, ...]:
    """Energy and centre value of one network beside the exact ones.

    E − E* is ½∫|∇(u − u*)|², never below 0: what is left of it is how far the network is from the solution. The floors
    are a tenth of a percent of the energy, and of the centre ½ % (its error is not of second order).
    """
    energy, centre = float(net.energy(weights)), float(net.centre(weights))
    source = "Fourier series; Timoshenko & Goodier, Theory of Elasticity, §109"
    return (
        Check(
            "energy",
            energy,
            exact_energy(),
            floor=1e-3 * abs(exact_energy()),
            source=source,
            note="½∫|∇(u − u*)|² is left to learn",
        ),
        Check("centre value", centre, exact_centre(), floor=5e-3 * exact_centre(), source=source),
    )
