"""Probabilities in the tails of three distributions that checks compare with.

They are in `scipy.stats` too, whose import takes 80 MB of memory and most of a second of a server's start.
"""

from __future__ import annotations

from functools import lru_cache
from math import sqrt

from scipy.special import chdtr, chdtri, kolmogi, kolmogorov, smirnov, smirnovi, stdtrit

RARE = (
    0.01  # below this chance the gap is too large on one side only: P(D > gap) = 2 P(D⁺ > gap), exact to this squared
)


def chi_squared_cdf(value: float, freedom: float) -> float:
    """P(χ² ≤ value) with `freedom` degrees of freedom."""
    return float(chdtr(freedom, value))


def chi_squared_exceeded_with(chance: float, freedom: float) -> float:
    """The value that χ² with `freedom` degrees of freedom exceeds with this chance."""
    return float(chdtri(freedom, chance))


def student_exceeded_with(chance: float, freedom: float) -> float:
    """The value that Student's t with `freedom` degrees of freedom exceeds with this chance."""
    return -float(stdtrit(freedom, chance))


def kolmogorov_chance(gap: float, count: int) -> float:
    """P(D > gap), D the largest gap between the empirical and the exact cumulative curve of `count` independent draws.

    Right to within 3 % for 20 draws and more: twice the one-sided chance (Smirnov's sum) in the tail, else Stephens,
    J. R. Stat. Soc. B 32 (1970) 115.
    """
    tail = 2 * float(smirnov(count, min(gap, 1.0)))
    return tail if tail <= RARE else float(kolmogorov(_stephens(count) * gap))


@lru_cache(256)  # milliseconds, of a few chances and counts
def kolmogorov_exceeded_with(chance: float, count: int) -> float:
    """The gap between the empirical and the exact cumulative curve that `count` independent draws exceed with this
    chance."""
    return float(smirnovi(count, chance / 2)) if chance <= RARE else float(kolmogi(chance)) / _stephens(count)


def _stephens(count: int) -> float:
    """√n D (1 + 0.12/√n + 0.11/n) is distributed almost as √n D for n → ∞."""
    return sqrt(count) + 0.12 + 0.11 / sqrt(count)
