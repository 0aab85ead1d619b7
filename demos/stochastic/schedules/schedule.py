"""Schedules: the learning rate of every step, and averaging schedules as a linear map of two points.

Every rule is linear: from (x, p), p the average or the second sequence, to (x', p'), with the same batch noise.
Schedule-Free SGD is eq. (3) to (5) of Defazio et al., arXiv:2405.15682: y = (1 − β) z + β x, z' = z − γ g(y),
x' = (1 − c) x + c z' with c = 1/(k + 1) and β = 0.9; its rate γ is constant.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

BETA = 0.9  # of Schedule-Free: the weight of x in the point at which the gradient is taken
DROPS = 3  # equally spaced drops of the step schedule, to a tenth each
TENTH = 0.1
WARM = 0.1  # share of the steps for the warm-up
HALFWAY = 0.1  # share of the steps after which the rate of 1/t has halved


def rates(name: str, lr: float, steps: int) -> np.ndarray:
    """(steps,) the learning rate of each step."""
    k = np.arange(steps)
    match name:
        case "constant" | "polyak" | "free":
            return np.full(steps, lr)
        case "step":
            return lr * TENTH ** np.floor((DROPS + 1) * k / steps)
        case "cosine":  # Loshchilov & Hutter 2017, one period
            return 0.5 * lr * (1 + np.cos(np.pi * k / steps))
        case "inverse":
            return lr / (1 + k / max(1.0, HALFWAY * steps))
        case "warmup":
            return lr * np.minimum(1.0, (k + 1) / max(1.0, WARM * steps))
    raise ValueError(f"schedule = {name!r} is not known.")


class Linear(NamedTuple):
    """A step of one direction: x' = a x + b p + k ξ and p' = c x + d p + l ξ, ξ the noise of a batch's gradient."""

    a: float
    b: float
    c: float
    d: float
    k: float
    l: float  # noqa: E741


def linear(name: str, lr: float, h: float, step: int) -> Linear:
    """The step number `step` (from 0) at the rate `lr` in a direction of curvature h."""
    keep = 1 - lr * h
    if name == "polyak":  # p' is the mean of x₁ … x_{k+1}
        share = 1 / (step + 1)
        return Linear(keep, 0.0, share * keep, 1 - share, -lr, -share * lr)
    if name == "free":  # x here is z of the paper, and p its x
        share, of_z, of_x = 1 / (step + 2), 1 - lr * h * (1 - BETA), -lr * h * BETA
        return Linear(of_z, of_x, share * of_z, share * of_x + 1 - share, -lr, -share * lr)
    return Linear(keep, 0.0, 0.0, 1.0, -lr, 0.0)


def averages(name: str) -> bool:
    """Whether the answer is p, and not x."""
    return name in ("polyak", "free")
