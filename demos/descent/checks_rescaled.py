"""Checks of the methods that divide by a size of the gradient: the length of their steps, and for those that do not
settle, their distance from the minimum."""

from __future__ import annotations

import numpy as np

from demos.contract import Check
from demos.descent import rescaled
from demos.descent.measured import Measured
from demos.descent.prediction import HOVERS, STRAIGHT, parabola_radius
from demos.descent.setup import Setup
from demos.descent.simulate import MethodRun

LARGEST = 1e10  # moves at larger coordinates are not tested, because differences of coordinates are inaccurate
ROUNDING = 1e-14  # relative to a coordinate
SETTLED = 1e-3  # relative change of the mean distance between the last two quarters, below which it is final
FEWEST = 40  # the least number of steps for this test


def move_checks(setup: Setup, run: MethodRun) -> list[Check]:
    """The longest recorded move of all starts, relative to the longest that the method's rule allows at that step."""
    if run.method not in rescaled.BOUNDED:
        return []
    rate, options = setup.config.rate(run.method), setup.config.all_options_of(run.method)
    with np.errstate(all="ignore"):
        good = np.isfinite(run.states).all(-1) & (np.abs(run.states).max(-1) < LARGEST)
        moves = rescaled.sizes(run.method, np.diff(run.states, axis=0)) / rate
        before = np.abs(run.states[:-1]).max(-1)
        allowed = rescaled.longest_moves(run.method, options, run.steps)[:, None]
        share = moves / (allowed + options.get("weight_decay", 0.0) * before)
    share, before = (np.where(good[1:] & good[:-1], values, 0.0) for values in (share, before))
    if not share.any():
        return []
    is_exact = run.method in rescaled.EXACT_MOVES
    counted = "length" if run.method == "normalized_descent" else "largest coordinate"
    return [
        Check(
            "longest move, over what the rate allows",
            float(share.max()),
            1.0,
            floor=1e-9 + ROUNDING * float(before.max()) / rate,
            bound="" if is_exact else "upper",
            source=f"the rule of {run.label}: {'every' if is_exact else 'no'} move is "
            f"{'as long as' if is_exact else 'longer than'} its rate{'' if is_exact else ' allows'}",
            note=f"A move counts by its {counted}; hence the least number of steps.",
        )
    ]


def swing_checks(setup: Setup, run: MethodRun, measured: list[Measured]) -> list[Check]:
    """The mean distance from the minimum over the last quarter of steps, for the first start that hovers near one."""
    swing = rescaled.swing(run.method, setup.config.rate(run.method))
    found = [i for i, observed in enumerate(measured) if observed.fate == HOVERS and observed.nearest >= 0]
    if swing is None or not found or run.steps < FEWEST:
        return []
    start, (expected, is_least) = found[0], swing
    place = setup.surface.minima[measured[start].nearest]
    away = run.states[:, start] - place.position
    quarter = 2 * (run.steps // 8)  # an even number: an oscillation takes two steps
    distance = np.linalg.norm(away, axis=1)
    last, before = distance[-quarter:].mean(), distance[-2 * quarter : -quarter].mean()
    if run.method != "normalized_descent" and not (np.diff(away[-quarter - 1 :], axis=0) != 0).all():
        return []  # a coordinate at rest does not oscillate
    if not is_least:
        near = distance[-2 * quarter :].max() <= parabola_radius(setup.surface, place, STRAIGHT)
        if not near or abs(last - before) > SETTLED * last:
            return []
    return [
        Check(
            "mean distance from the minimum, last quarter",
            float(last),
            expected,
            floor=(1e-9 if is_least else STRAIGHT) * expected + ROUNDING * setup.scale,
            bound="lower" if is_least else "",
            source="two moves of a fixed length that undo each other about a parabola's minimum",
            note="At a fixed rate it comes no nearer.",
        )
    ]
