"""Rows about the mean and the variance of many independent chains, with exact standard errors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from demos.common.statistics import binomial_error
from demos.contract import Check

ROUNDING = 1e-6  # error of sums in single precision, relative to the largest number in a run


def mean_check(name: str, sample: np.ndarray, mean: float, variance: float, size: float = 0.0, **rest: Any) -> Check:
    """The row of the mean of independent chains (n,) against the exact one; its error is √(variance/n).

    variance: the exact one. size: of the largest numbers in the run, which determines rounding.
    """
    floor = ROUNDING * (abs(mean) + math.sqrt(variance) + size)
    named = {"predicted": mean, "predicted_by": "the exact distribution"} if "truth" in rest else {"truth": mean}
    measured = float(np.asarray(sample, float).mean())
    return Check(name, measured, uncertainty=math.sqrt(variance / len(sample)), floor=floor, **(named | rest))


def variance_check(
    name: str, sample: np.ndarray, mean: float, variance: float, fourth: float = 0.0, size: float = 0.0, **rest: Any
) -> Check:
    """The row of the mean square distance of chains (n,) from the exact mean, against the exact variance.

    fourth: the exact fourth cumulant, 0 for a Gaussian: the variance of (x − m)² is 2 V² + κ₄. size: as for
    `mean_check`.
    """
    measured = float(np.square(np.asarray(sample, float) - mean).mean())
    error = math.sqrt(max(0.0, 2 * variance**2 + fourth) / len(sample))
    floor = ROUNDING * (variance + abs(mean) * math.sqrt(variance)) + (ROUNDING * (abs(mean) + size)) ** 2
    named = (
        {"predicted": variance, "predicted_by": "the exact distribution"} if "truth" in rest else {"truth": variance}
    )
    return Check(name, measured, uncertainty=error, floor=floor, **(named | rest))


FEW = 20  # least expected number of chains on the rarer side for a normal distribution of their number


def share_error(share: float, chains: int) -> tuple[float, float]:
    """Standard error of a share of independent chains, and a floor; share: the exact one.

    Where fewer than FEW chains are expected, the error is 0 and the floor is four standard errors plus three chains: a
    Poisson number exceeds that less often than a normal one exceeds four standard errors.
    """
    share = min(max(share, 0.0), 1.0)
    error = binomial_error(share, chains)
    return (0.0, 4 * error + 3 / chains) if chains * min(share, 1 - share) < FEW else (error, 0.0)
