"""Muon by its own theory: its step has the gradient's directions, and singular values made nearly alike by a quintic.

Newton and Schulz's iteration X ← aX + (bA + cA²)X, A = XXᵀ, leaves the singular vectors and sends each singular value s
to p(s) = as + bs³ + cs⁵, five times from σ/|G| (Jordan et al. 2024). So the step is known from the singular values of
the gradient with its momentum, in float64, without the iteration.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
import torch
from torch import Tensor

from demos.contract import Check
from demos.networks.training.config import TrainingConfig
from demos.networks.training.optimizers import MUON_LARGEST, MUON_STEPS, NEWTON_SCHULZ, Formula

CLEAR = 0.05  # of |G|: smaller directions, which five steps raise 30-fold, are rounding's as well
HALF = 2.0**-9  # of bfloat16: what a rounding may change, relative
DIRECTIONS = "step along the gradient's singular directions, beside the quintic's"
SPECTRAL = "largest singular value of a step over lr"


@dataclass(frozen=True)
class Directions:
    """Of one matrix at one step: given (r,), singular values of the gradient with its momentum over its norm; moved
    (r,), how far the step goes along each of these directions, and largest, its own largest singular value, both over
    lr √max(1, m/n)."""

    layer: int
    step: int
    given: np.ndarray
    moved: np.ndarray
    largest: float


def look(config: TrainingConfig, formula: Formula, delta: Tensor, step: int) -> list[Directions]:
    """At the first, the middle and the last matrix; delta (P,) is the step that was made."""
    found, steps = [], formula.matrices(delta)
    for layer in sorted({0, len(steps) // 2, len(steps) - 1}):
        made, matrix = steps[layer].double(), formula.ahead[layer].double()
        if not (torch.isfinite(matrix).all() and torch.isfinite(made).all() and matrix.norm() > 1e-30):
            continue
        made = made / (config.lr * sqrt(max(1, len(made) / len(made.T))))
        left, given, right = torch.linalg.svd(matrix / matrix.abs().max(), full_matrices=False)
        moved = -(left.T @ made @ right.T).diagonal()
        largest = float(torch.linalg.matrix_norm(made, 2))
        found.append(Directions(layer, step, (given / given.norm()).numpy(), moved.numpy(), largest))
    return found


def quintic(given: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """p five times, and what bfloat16's roundings of its terms may change, to first order."""
    a, b, c = NEWTON_SCHULZ
    s, error = given, HALF * given
    for _ in range(MUON_STEPS):
        error = np.abs(a + 3 * b * s**2 + 5 * c * s**4) * error + HALF * (a * s + abs(b) * s**3 + c * s**5)
        s = a * s + b * s**3 + c * s**5
    return s, error


def direction_rows(looks: list[Directions]) -> list[Check]:
    """The singular values of steps beside theory; a direction without a gradient stays without a step."""
    if not looks:
        return []
    worst, count, largest = (-1.0, 0.0, 0.0, looks[0]), 0, 0.0
    for one in looks:
        clear = one.given > CLEAR
        wanted, floor = quintic(one.given[clear])
        off = np.abs(one.moved[clear] - wanted)
        times = np.nan_to_num(off / floor, nan=np.inf)
        count, largest = count + len(times), max(largest, one.largest)
        place = int(times.argmax())  # there is one: the largest of r singular values is 1/√r of the norm or more
        if times[place] > worst[0]:
            worst = (float(times[place]), float(off[place]), float(floor[place]), one)
    _, off, floor, one = worst
    return [
        Check(
            DIRECTIONS,
            off,
            0.0,
            floor=floor,
            source="p(s) = as + bs³ + cs⁵ five times, from the gradient's singular values; roundings of bfloat16",
            note=f"layer {one.layer + 1} at step {one.step}, the worst of {count} directions with 5 % of |g| or more",
        ),
        Check(
            SPECTRAL,
            largest,
            MUON_LARGEST,
            bound="upper",
            floor=2 * HALF * MUON_STEPS,
            source="the quintic's largest value; the RMS-to-RMS norm of the step is lr times this",
            note="1 is orthogonal; 0.7 to 1.2 is what five iterations leave",
        ),
    ]
