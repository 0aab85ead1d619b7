"""The stability limit of a splitting word, from the linear map of one step on a harmonic well without noise."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import inf, sqrt
from typing import Any

import numpy as np

FARTHEST = 40.0  # largest h ω searched: words of 12 letters have at most ten kicks and drifts, and limits below 20
SPACING = 0.005
ROUNDING = 1e-9  # tolerance: without friction |tr A| may touch 2 where two eigenvalues meet


def leapfrog_limit(curvature: float, flow: Any, options: Mapping) -> float:
    """2/ω, ω² = L/m: that of leapfrog, without a bath."""
    return 2 / sqrt(curvature / (flow.mass if flow else 1))


@lru_cache(maxsize=1024)
def longest_step(word: str, damping: float) -> float:
    """The largest h ω up to which all steps of the word are stable on U = m ω² q²/2; inf if there is no limit.

    damping: γ/ω ≥ 0. One step multiplies the mean of (q, p) by a 2 × 2 matrix A with det A = e^{−γh} ≤ 1, so both
    eigenvalues lie in the unit disc while |tr A| ≤ 1 + det A.
    """
    grid = np.arange(1, round(FARTHEST / SPACING) + 1) * SPACING
    out = np.flatnonzero(_excess(word, damping, grid) > ROUNDING)
    if not len(out):
        return inf
    high = float(grid[out[0]])
    low = high - SPACING
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if _excess(word, damping, np.array(middle)) > ROUNDING else (middle, high)
    return high


def is_two_at_any_friction(word: str) -> bool:
    """Whether the word has the limit of leapfrog, h ω = 2, for every friction."""
    return all(abs(longest_step(word, damping) - 2) < 1e-6 for damping in (0.0, 0.1, 0.5, 1.0, 2.0, 5.0))


def _excess(word: str, damping: float, step: np.ndarray) -> np.ndarray:
    """|tr A| − 1 − det A for steps h ω of any shape, in units with m = ω = 1; positive if unstable."""
    one, zero = np.ones_like(step), np.zeros_like(step)
    a, b, c, d = one, zero, zero, one  # A = (a b; c d), which acts on (q, p)
    for letter in word:
        part = step / word.count(letter)
        if letter == "V":
            c, d = c - part * a, d - part * b
        elif letter == "R":
            a, b = a + part * c, b + part * d
        else:
            decay = np.exp(-damping * part)
            c, d = decay * c, decay * d
    return np.abs(a + d) - 1 - np.exp(-damping * step)
