"""What is predicted, in a few words that stand in the picture while the paths still move."""

from __future__ import annotations

import math
from collections.abc import Mapping

from demos.descent.optimizers import LABELS
from demos.descent.prediction import CONVERGES, DIVERGES, HOVERS, OSCILLATES, SETTLES, UNKNOWN, Prediction

SHOWN = 3  # the most methods; for several starts, one less


def foretold(predicted: Mapping[str, list[Prediction]]) -> str:
    """The predictions of the first methods: for one start their steps, for several the number of starts that settle.

    predicted: method -> one prediction for each start.
    """
    several = any(len(found) > 1 for found in predicted.values())
    parts = [f"{LABELS[method]} {_of(found)}" for method, found in list(predicted.items())[: SHOWN - several]]
    return f"Predicted: {', '.join(parts)}"


def _of(found: list[Prediction]) -> str:
    if len(found) > 1 and any(one.fate != UNKNOWN for one in found):
        settling = sum(one.fate in (CONVERGES, OSCILLATES, SETTLES) for one in found)
        return f"settles from {settling} of {len(found)}"
    one = found[0]
    if one.fate == DIVERGES:
        return "leaves this minimum"
    if one.fate == HOVERS:
        return "never rests"
    if math.isfinite(one.steps):
        return f"{one.steps:,.0f} step{'' if one.steps == 1 else 's'}"
    if math.isfinite(one.least):
        return f"≥ {one.least:,.0f} step{'' if one.least == 1 else 's'}"
    return "settles" if one.fate in (CONVERGES, OSCILLATES, SETTLES) else "cannot be told"
