"""Parts of a verdict's rows: the χ² of counts, a prediction beside a row, and the error of what few points estimate."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from demos.common.tails import chi_squared_exceeded_with, student_exceeded_with
from demos.contract import Check
from demos.diffusion.verdict.expected import Cells

RARE = 1e-4  # p-value of a χ² below which samples differ from true points, and the replica is consulted
RARE_MOMENT = 3.17e-5  # the probability of more than four standard errors on one side


def unsure(points: int, power: int, kurtosis: float, replicas: int) -> float:
    """The number of standard errors that the mean of a power of `points` numbers exceeds as rarely as four, if normal.

    kurtosis: of the numbers. The mean of few squares is skewed: it is taken as a Gamma distribution, which it is for
    normal numbers. The standard error was estimated from `replicas` numbers: Student's t, with replicas − 1 degrees of
    freedom for a mean of normal numbers, and about replicas/7 for one of their squares, whose kurtosis is 15."""
    degrees = max(2.0, (replicas - 1) if power == 1 else replicas / 7)
    estimated = student_exceeded_with(RARE_MOMENT, degrees)
    if power == 1:
        return max(estimated, student_exceeded_with(RARE_MOMENT, 4 + 6 * points / max(kurtosis - 3, 1e-3)))
    freedom = 2 * points / max(kurtosis - 1, 2.0)
    return max(estimated, (chi_squared_exceeded_with(RARE_MOMENT, freedom) - freedom) / math.sqrt(2 * freedom))


def chi_square(name: str, cells: Cells, values: np.ndarray, what: str) -> Check:
    """The row of χ² of the values (N,), counted in cells of known shares."""
    freedom = max(1, cells.freedom)
    spread = math.sqrt(2 * freedom)
    return Check(
        name,
        cells.statistic(cells.count(values)),
        freedom,
        spread,
        source=f"{len(cells.cuts) + 1} cells, {what}",
        sigmas=(chi_squared_exceeded_with(RARE, freedom) - freedom) / spread,
    )


def with_prediction(row: Check, predicted: float, error: float, sigmas: float = 0.0) -> Check:
    """The row with a prediction. error: the standard error of measured − predicted, of both together. sigmas: the
    number of them allowed, 0 for as many as beside the truth."""
    rest = math.sqrt(max(error**2 - row.uncertainty**2, 0.0))
    return replace(row, predicted=predicted, predicted_error=rest, predicted_sigmas=sigmas)
