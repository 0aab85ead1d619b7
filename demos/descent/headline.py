"""One plain sentence about this picture, with the number that decides; notes and warnings."""

from __future__ import annotations

import math

import numpy as np

from demos.common.numbers import number
from demos.contract import Check, State
from demos.contract.verdict import worst
from demos.contract.wording import judgement, shown
from demos.descent.basin_maps import differing, flow_basins, method_basins
from demos.descent.flow import TIP
from demos.descent.measured import DIVERGES, EARLY, Measured
from demos.descent.prediction import CONVERGES, HOVERS, OSCILLATES, SETTLES, UNKNOWN, Prediction
from demos.descent.setup import Setup
from demos.descent.simulate import MethodRun
from demos.descent.tables import judged


def headline(
    setup: Setup,
    runs: list[MethodRun],
    predicted: list[list[Prediction]],
    measured: list[list[Measured]],
    rows: list[Check],
) -> str:
    """What differs comes first; then the first method's fate, predicted and measured; then the others in a word."""
    state = worst(tuple(row.state for row in rows))
    if state is State.DIFFERS:
        first = next(row for row in rows if row.state is State.DIFFERS)
        return f"{first.name[:1].upper()}{first.name[1:]}: {shown(first, first.measured)}, {judgement(first)}."
    both = zip(runs[:2], predicted, measured, strict=False)
    if len(setup.starts) > 1:
        return " ".join(_fates(run, said, did) for run, said, did in both)
    return " ".join(_fate(run, said[0], did[0], is_first=run is runs[0]) for run, said, did in both)


def _fate(run: MethodRun, said: Prediction, did: Measured, is_first: bool) -> str:
    """Of one start. Why nothing is predicted is said of the first method alone: the second's place is short."""
    happened = f"{run.label} {_happened(did, run, is_first)}"
    if said.fate == UNKNOWN and not math.isfinite(said.least):
        return f"{happened}; no prediction{f': {said.why}' if is_first else ''}."
    verdict = judged(said, did, run.steps)
    words = {CONVERGES: "it converges", OSCILLATES: "it converges, oscillating", HOVERS: "it does not settle"}
    predicted = words.get(said.fate, "not to settle there")
    if said.fate in (SETTLES, UNKNOWN):
        predicted = f"at least {said.least:,.0f} steps"
    elif math.isfinite(said.steps):
        predicted = f"{said.steps:,.0f} steps"
    if verdict == "too early to tell":
        return f"{run.label}: {run.steps:,} steps are too few to tell; predicted: {predicted}."
    if verdict == "right" and said.fate in (DIVERGES, HOVERS):
        other = ", in another minimum" if said.fate == DIVERGES and math.isfinite(did.steps) else ""
        return f"{happened}{other}, as predicted."
    return f"{happened}; predicted: {predicted.removesuffix(' steps')}."


def _happened(did: Measured, run: MethodRun, is_first: bool) -> str:
    if did.left >= 0:
        return f"left at step {did.left:,}"
    if did.fate in (DIVERGES, HOVERS):
        after = f" after {run.steps:,} steps" if is_first else ""
        return f"does not settle ({number(did.distance)} from the nearest minimum{after})"
    if did.fate == EARLY or did.is_read_off:
        far = "" if math.isinf(did.distance) else f", {number(did.distance)} from the nearest minimum"
        return f"is on its way{far}"
    return f"arrives in {did.steps:,.0f} steps{', oscillating' if did.fate == OSCILLATES else ''}"


def _fates(run: MethodRun, said: list[Prediction], did: list[Measured]) -> str:
    """Of many starts."""
    verdicts = [judged(one, other, run.steps) for one, other in zip(said, did, strict=True)]
    decided = sum(verdict in ("right", "wrong") for verdict in verdicts)
    right = verdicts.count("right")
    if decided == len(did):
        return f"{run.label}: the fate of {right} of {decided} starts is as predicted."
    if decided:
        return f"{run.label}: the fate of {right} of {decided} starts is as predicted; the others could not be told."
    settled = sum(math.isfinite(one.steps) for one in did)
    return f"{run.label}: {settled} of {len(did)} starts settle; {said[0].why or 'too early to tell'}."


def notes_of(
    setup: Setup, runs: list[MethodRun], predicted: list[list[Prediction]], measured: list[list[Measured]]
) -> list[str]:
    notes = []
    goals = setup.destinations
    if setup.config.ground == "method" and setup.surface.minima:
        share = differing(flow_basins(setup.surface), method_basins(setup.config))
        percent = number(100 * share, digits=2)
        notes.append(f"The basins of {runs[0].label} at this rate differ from the flow's in {percent} % of the view.")
    if len(goals) > 1 and setup.surface.minima:
        for run, did in zip(runs[:1], measured, strict=False):
            elsewhere = [
                one.nearest != goal
                for one, goal in zip(did, goals, strict=True)
                if goal >= 0 and math.isfinite(one.steps)
            ]
            if any(elsewhere):
                count = f"{sum(elsewhere)} of {len(elsewhere)} starts"
                notes.append(f"{run.label} ends in another minimum than the flow from {count} that settled.")
    if setup.exact.is_lost:
        notes.append("The exact flow could not be followed in the time allowed: no path is held against it.")
    elif not setup.exact.known:
        notes.append("The exact flow leaves the landscape: no path is held against it there.")
    if setup.exact.is_rounded:
        notes.append(f"This landscape has kinks; the exact flow rounds them within {TIP:g} of the view's diagonal.")
    if len(runs) > 1 and setup.config.clock == "time":
        slow = [run for run in runs if run.method in ("adam", "adamw", "lion", "normalized_descent", "rmsprop")]
        if slow:
            names = ", ".join(run.label for run in slow)
            notes.append(
                f"{names}: a step is about as long as the rate, whatever the slope, so t = rate × step measures length,"
                " not the flow's time."
            )
    return notes


def warnings_of(setup: Setup, runs: list[MethodRun], measured: list[list[Measured]]) -> list[str]:
    """One sentence for each method that lost a start, or is past its limit at every minimum."""
    found = []
    flattest = min((place.eigenvalues[1] for place in setup.surface.minima), default=math.nan)
    for run, did in zip(runs, measured, strict=True):
        lost = [one.left for one in did if one.left >= 0]
        limit = setup.config.limit_of(run.method, flattest)
        if lost and setup.surface.minima:
            who = "" if len(did) == 1 else f" {len(lost)} of {len(did)} starts"
            past = f"; its limit at the flattest minimum is {limit:.3g}" if np.isfinite(limit) else ""
            found.append(
                f"{run.label} at rate {run.rate:g} left the landscape{who}, first at step {min(lost):,}{past}."
            )
        elif run.rate > limit:
            found.append(f"{run.label}: the rate {run.rate:g} is {run.rate / limit:.3g} × the limit at every minimum.")
    return found
