"""How far apart two samplers end from the same noise: nothing, if both had followed their common ODE exactly."""

from __future__ import annotations

import numpy as np

from demos.contract import Check
from demos.diffusion.verdict.judged import CLOSE, Judged

FLOOR = 2 * CLOSE  # spreads: each end may be off by one


def differences(found: list[Judged]) -> list[Check]:
    """A row for each sampler without noise beside the first one, where that has none either.

    The middle distance: a point in a hundred that goes to another mode does not move it.
    """
    first, *others = found
    if first.is_noisy or first.incomparable:
        return []
    return [_row(first, other) for other in others if not (other.is_noisy or other.incomparable)]


def _row(first: Judged, other: Judged) -> Check:
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
