"""Predictions for the methods that divide by a size of the gradient: the longest possible step, the least number of
steps, and the distance from a minimum that a fixed rate allows.

The bound of Adam's step follows from the Cauchy–Schwarz inequality and is reached (see `longest_moves`). The estimate
(1 − β₁)/√(1 − β₂) of Kingma & Ba, ICLR 2015, §2.1, is that of one gradient after many zeros; gradients that grow exceed
it: at the default decays the bound is 7.3 rates, the estimate 3.2. The oscillation about a minimum is the path
that repeats itself after two steps, x = ±ξ: normalized descent has |2ξ| = rate (Arora, Li & Panigrahi, ICML 2022),
RMSProp has h g/√v = h sign(g) = 2ξ in every coordinate, and Adam, whose average m alternates, (1 − β₁)/(1 + β₁) of it:
there the preconditioned sharpness is 2(1 + β₁)/(1 − β₁)/rate, which is 38/rate (Cohen et al., arXiv:2207.14484).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache

import numpy as np

EXACT_MOVES = ("lion", "normalized_descent")
"""Methods whose moves all have the length of the rate, independent of the gradient."""
BOUNDED = ("adagrad", "rmsprop", "adam", "adamw", "lion", "normalized_descent", "lbfgs")
MOST = 20_000  # the most steps that are considered


def sizes(method: str, moves: np.ndarray) -> np.ndarray:
    """The size (…) of moves (…, 2) that the method's rate bounds: the Euclidean length, or the largest component."""
    return np.linalg.norm(moves, axis=-1) if method == "normalized_descent" else np.abs(moves).max(axis=-1)


def longest_moves(method: str, options: Mapping[str, float], steps: int) -> np.ndarray:
    """The largest possible size of the move at each step, (steps,), in units of the rate, without weight decay."""
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
    """The least number of steps, at most MOST, in which a method can move by `way` (2,).

    farthest: the largest coordinate along the path, which bounds the moves of weight decay.
    """
    reached = rate * _reach(method, tuple(sorted(options.items())), farthest)
    length = float(sizes(method, way)) * (1 - 1e-12)
    return float(min(np.searchsorted(reached, length) + 1, MOST)) if length > 0 else 0.0


@lru_cache(maxsize=16)
def _reach(method: str, options: tuple[tuple[str, float], ...], farthest: float) -> np.ndarray:
    """The largest distance after 1, 2, … steps, (MOST,), in units of the rate."""
    chosen = dict(options)
    return np.cumsum(longest_moves(method, chosen, MOST) + chosen.get("weight_decay", 0.0) * farthest)


def swing(method: str, rate: float) -> tuple[float, bool] | None:
    """The long-time mean distance from a minimum in the plane, and whether this is a lower bound; None if not known.

    Each of Lion's coordinates moves by the rate in every step, so that the mean of two successive distances is at least
    half the rate in each coordinate; momentum makes it larger.
    """
    if method == "normalized_descent":
        return rate / 2, False
    if method == "rmsprop":
        return rate / math.sqrt(2), False
    return (rate / math.sqrt(2), True) if method == "lion" else None


def sharpness_limit(options: Mapping[str, float]) -> float:
    """rate × the preconditioned sharpness above which a minimum is unstable for Adam, with v held fixed: 38."""
    return 2 * (1 + options["beta1"]) / (1 - options["beta1"])


def adam_swing(rate: float, options: Mapping[str, float]) -> float:
    """The amplitude of Adam's oscillation in each coordinate when the preconditioned sharpness is at its limit."""
    return rate / sharpness_limit(options)
