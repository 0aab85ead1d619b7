"""Rows about the mean and the variance of many independent chains, with exact standard errors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from demos.common.statistics import binomial_error
from demos.contract import Check

ROUNDING = 1e-6  # relative to the largest number on the way: sums in single precision


def mean_check(name: str, sample: np.ndarray, mean: float, variance: float, size: float = 0.0, **rest: Any) -> Check:
    """The mean of independent chains (n,) beside the exact one; its error is √(variance/n), the exact variance.

    size: of the numbers that are added up on the way, for their rounding.
    """
    floor = ROUNDING * (abs(mean) + math.sqrt(variance) + size)
    named = {"predicted": mean, "predicted_by": "the exact distribution"} if "truth" in rest else {"truth": mean}
    measured = float(np.asarray(sample, float).mean())
    return Check(name, measured, uncertainty=math.sqrt(variance / len(sample)), floor=floor, **(named | rest))


def variance_check(
    name: str, sample: np.ndarray, mean: float, variance: float, fourth: float = 0.0, size: float = 0.0, **rest: Any
) -> Check:
    """The mean square distance of chains (n,) from the exact mean, beside the exact variance.

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


FEW = 20  # chains expected on the rarer side: below, their number is not normal


def share_error(share: float, chains: int) -> tuple[float, float]:
    """Standard error of a share of independent chains, and a floor; share: the exact one.

    Where so few are expected that their number is no normal one, all is in the floor: four standard errors and three
    chains more, which a Poisson number exceeds less often than a normal one exceeds four standard errors.
    """
    share = min(max(share, 0.0), 1.0)
    error = binomial_error(share, chains)
    return (0.0, 4 * error + 3 / chains) if chains * min(share, 1 - share) < FEW else (error, 0.0)
