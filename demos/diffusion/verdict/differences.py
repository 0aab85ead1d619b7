"""The distance between the ends of two samplers from the same noise. It is 0 if both solve their common ODE exactly."""

from __future__ import annotations

import numpy as np

from demos.contract import Check
from demos.diffusion.verdict.repeated_run import CLOSE
from demos.diffusion.verdict.run_rows import RunRows

FLOOR = 2 * CLOSE  # tolerance in spreads of the data: each of the two ends may be wrong by CLOSE


def differences(found: list[RunRows]) -> list[Check]:
    """A row that compares each sampler without noise with the first one, if that has no noise either.

    It measures the median distance, which a few points that end in another mode do not change.
    """
    first, *others = found
    if first.is_noisy or first.incomparable:
        return []
    return [_row(first, other) for other in others if not (other.is_noisy or other.incomparable)]


def _row(first: RunRows, other: RunRows) -> Check:
    unit = first.setup.data.sigma_data
    measured = _middle(first.end, other.end) / unit
    predicted = why = None
    if not measured <= FLOOR:
        if first.independent or other.independent:
            why = "the flow is so wild that rounding decides where a point ends"
        else:
            ours, theirs = first.again[0], other.again[0]
            predicted = _middle(ours, theirs) / unit
            measured = _middle(first.end[: len(ours)], other.end[: len(theirs)]) / unit
    return Check(
        f"Ends by {first.run.label} and by {other.run.label}: middle distance",
        measured,
        0.0,
        floor=FLOOR,
        unit="spreads of the data",
        source="from the same noise both follow one ODE",
        predicted=predicted,
        predicted_by="these evaluations" if first.cause == other.cause else f"{other.cause} beside {first.run.label}",
        incomparable=why or "",
    )


def _middle(ends: np.ndarray, others: np.ndarray) -> float:
    return float(np.median(np.linalg.norm(ends - others, axis=1)))
