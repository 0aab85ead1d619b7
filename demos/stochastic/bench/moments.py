"""Rows about the mean and the variance of many independent chains, with exact standard errors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from demos.contract import Check

ROUNDING = 1e-6  # relative to the largest number on the way: sums in single precision


def mean_check(name: str, sample: np.ndarray, mean: float, variance: float, size: float = 0.0, **rest: Any) -> Check:
    """The mean of independent chains (n,) beside the exact one; its error is √(variance/n), the exact variance.

    size: of the numbers that are added up on the way, for their rounding.
    """
    floor = ROUNDING * (abs(mean) + math.sqrt(variance) + size)
    named = {"predicted": mean, "predicted_by": "the exact law"} if "truth" in rest else {"truth": mean}
    measured = float(np.asarray(sample, float).mean())
    return Check(name, measured, uncertainty=math.sqrt(variance / len(sample)), floor=floor, **(named | rest))


def variance_check(
    name: str, sample: np.ndarray, mean: float, variance: float, fourth: float = 0.0, size: float = 0.0, **rest: Any
) -> Check:
    """The mean square distance of chains (n,) from the exact mean, beside the exact variance.

    fourth: the exact fourth cumulant, 0 for a normal law: the variance of (x − m)² is 2 V² + κ₄. size: as for
    `mean_check`.
    """
    measured = float(np.square(np.asarray(sample, float) - mean).mean())
    error = math.sqrt(max(0.0, 2 * variance**2 + fourth) / len(sample))
    floor = ROUNDING * (variance + abs(mean) * math.sqrt(variance)) + (ROUNDING * (abs(mean) + size)) ** 2
    named = {"predicted": variance, "predicted_by": "the exact law"} if "truth" in rest else {"truth": variance}
    return Check(name, measured, uncertainty=error, floor=floor, **(named | rest))


def rare(share: float, chains: int) -> float:
    """Three chains, as a floor of a share where so few are expected that their number is not normal: four standard
    errors of a Poisson number and three more are exceeded less often than four of a normal one."""
    return 3 / chains if chains * min(share, 1 - share) < 20 else 0.0
