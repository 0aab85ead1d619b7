"""Tail probabilities and quantiles of χ², Student's t and Kolmogorov's distribution, for checks.

`scipy.stats` has them too, but importing it takes 80 MB of memory and most of a second when the server starts.
"""

from __future__ import annotations

from functools import lru_cache
from math import sqrt

from scipy.special import chdtr, chdtri, kolmogi, kolmogorov, smirnov, smirnovi, stdtrit

RARE = 0.01  # below this probability P(D > gap) = 2 P(D⁺ > gap) up to its square: both sides hardly ever exceed the gap


def chi_squared_cdf(value: float, freedom: float) -> float:
    """P(χ² ≤ value) with `freedom` degrees of freedom."""
    return float(chdtr(freedom, value))


def chi_squared_exceeded_with(chance: float, freedom: float) -> float:
    """The value that χ² with `freedom` degrees of freedom exceeds with probability `chance`."""
    return float(chdtri(freedom, chance))


def student_exceeded_with(chance: float, freedom: float) -> float:
    """The value that Student's t with `freedom` degrees of freedom exceeds with probability `chance`."""
    return -float(stdtrit(freedom, chance))


def kolmogorov_chance(gap: float, count: int) -> float:
    """P(D > gap) for Kolmogorov's statistic D: the largest distance between the empirical and the exact cumulative
    distribution function of `count` independent draws.

    Relative error below 3 % from 20 draws on: twice the one-sided probability (Smirnov's sum) in the tail, else
    Stephens, J. R. Stat. Soc. B 32 (1970) 115.
    """
    likely = float(kolmogorov(_stephens(count) * gap))
    if likely > 2 * RARE:  # not the tail: Smirnov's sum, which takes milliseconds for thousands of draws, is not needed
        return likely
    tail = 2 * float(smirnov(count, min(gap, 1.0)))
    return tail if tail <= RARE else likely


@lru_cache(256)  # takes milliseconds, and is called with few different arguments
def kolmogorov_exceeded_with(chance: float, count: int) -> float:
    """The value that Kolmogorov's statistic of `count` independent draws exceeds with probability `chance`; see
    `kolmogorov_chance`."""
    return float(smirnovi(count, chance / 2)) if chance <= RARE else float(kolmogi(chance)) / _stephens(count)


def _stephens(count: int) -> float:
    """The factor √n + 0.12 + 0.11/√n: D times it is distributed almost as √n D for n → ∞."""
    return sqrt(count) + 0.12 + 0.11 / sqrt(count)
