"""How long a step of a splitting word may be: one step on a quadratic well, without its noise, must not grow."""

from __future__ import annotations

from functools import lru_cache
from math import inf

import numpy as np

FARTHEST = 40.0  # h ω that is looked at: ten kicks and drifts, which a word of 12 letters may have, stay below 20
SPACING = 0.005
ROUNDING = 1e-9  # without friction |tr A| touches 2 where two eigenvalues meet and part again


@lru_cache(maxsize=1024)
def longest_step(word: str, damping: float) -> float:
    """The largest h ω up to which every step of the word is stable on U = m ω² q²/2; damping = γ/ω ≥ 0; inf: none.

    One step multiplies the mean of (q, p) by a 2 × 2 matrix A with det A = e^{−γh} ≤ 1, so both eigenvalues lie in the
    unit disc while |tr A| ≤ 1 + det A.
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
    """Whether the word is one of those with the limit of leapfrog, h ω = 2, whatever the friction."""
    return all(abs(longest_step(word, damping) - 2) < 1e-6 for damping in (0.0, 0.1, 0.5, 1.0, 2.0, 5.0))


def _excess(word: str, damping: float, step: np.ndarray) -> np.ndarray:
    """|tr A| − 1 − det A for steps h ω of any shape, in the units in which m = ω = 1."""
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
