"""What is known beforehand of the methods that divide by a size of the gradient: how far one step can go, hence how
many steps the way takes at least, and how near to a minimum a fixed rate lets them come.

Adam's bound is that of Kingma & Ba, ICLR 2015, §2.1, with the corrections kept. The swing about a minimum follows from
a path that repeats itself after two steps, x = ±ξ: normalized descent has |2ξ| = rate (Arora, Li & Panigrahi, ICML
2022), RMSProp has h g/√v = h sign(g) = 2ξ in every coordinate, and Adam, whose average m alternates,
(1 − β₁)/(1 + β₁) of it: there the preconditioned sharpness is 2(1 + β₁)/(1 − β₁)/rate, which is 38/rate (Cohen et al.,
arXiv:2207.14484).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache

import numpy as np

EXACT_MOVES = ("lion", "normalized_descent")
"""Every move is as long as the rate, whatever the gradient."""
BOUNDED = ("adagrad", "rmsprop", "adam", "adamw", "lion", "normalized_descent", "lbfgs")
MOST = 20_000  # steps


def sizes(method: str, moves: np.ndarray) -> np.ndarray:
    """How long moves (…, 2) are, as the rate of a method counts it: in length, or in the coordinate that moves most."""
    return np.linalg.norm(moves, axis=-1) if method == "normalized_descent" else np.abs(moves).max(axis=-1)


def longest_moves(method: str, options: Mapping[str, float], steps: int) -> np.ndarray:
    """(steps,) the longest possible move at each step, in rates, without weight decay; see `sizes`."""
    if method == "rmsprop":
        return np.full(steps, 1 / math.sqrt(1 - options["alpha"]))
    if method not in ("adam", "adamw"):
        return np.ones(steps)
    # Cauchy–Schwarz: |Σ w g| / √(Σ u g²) ≤ √(Σ w²/u) with the weights w of m̂ and u of v̂
    beta1, beta2, k = options["beta1"], options["beta2"], np.arange(1, steps + 1)
    ratio = beta1 * beta1 / beta2
    with np.errstate(over="ignore", invalid="ignore"):
        series = k.astype(float) if ratio == 1 else (1 - ratio**k) / (1 - ratio)
        square = (1 - beta1) ** 2 / (1 - beta2) * (1 - beta2**k) / (1 - beta1**k) ** 2 * series
    return np.sqrt(np.where(np.isfinite(square), square, np.inf))


def least_steps(method: str, rate: float, options: Mapping[str, float], way: np.ndarray, farthest: float) -> float:
    """The fewest steps in which a method can come `way` (2,) farther, at most MOST. farthest: of the coordinates on the
    way from 0, for what weight decay adds."""
    reached = rate * _reach(method, tuple(sorted(options.items())), farthest)
    length = float(sizes(method, way)) * (1 - 1e-12)
    return float(min(np.searchsorted(reached, length) + 1, MOST)) if length > 0 else 0.0


@lru_cache(maxsize=16)
def _reach(method: str, options: tuple[tuple[str, float], ...], farthest: float) -> np.ndarray:
    """(MOST,) how far so many steps can go, in rates."""
    chosen = dict(options)
    return np.cumsum(longest_moves(method, chosen, MOST) + chosen.get("weight_decay", 0.0) * farthest)


def swing(method: str, rate: float) -> tuple[float, bool] | None:
    """(mean distance from a minimum in the long run, whether it is only the least possible one) in the plane; None for
    a method that has none.

    Lion's coordinates move by the rate at every step: the mean of two distances that follow each other is at least half
    of it in each coordinate, and its momentum makes it more.
    """
    if method == "normalized_descent":
        return rate / 2, False
    if method == "rmsprop":
        return rate / math.sqrt(2), False
    return (rate / math.sqrt(2), True) if method == "lion" else None


def adam_swing(rate: float, options: Mapping[str, float]) -> float:
    """Half of what Adam swings in each coordinate, once the preconditioned sharpness is at its limit."""
    return rate / 2 * (1 - options["beta1"]) / (1 + options["beta1"])
