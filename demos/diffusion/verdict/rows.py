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


def unsure(points: int, power: int) -> float:
    """The number of standard errors, estimated from few points, that are exceeded as rarely as four that are known.

    It is Student's t: the error of a mean of normal numbers has points − 1 degrees of freedom; that of a mean of
    their squares (power 2), whose kurtosis is 15, about points/7.
    """
    degrees = max(2.0, (points - 1) if power == 1 else points / 7)
    return student_exceeded_with(RARE_MOMENT, degrees)


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
