"""The headline of a run: one sentence with the decisive number; and its notes and warnings."""

from __future__ import annotations

import math

import numpy as np

from demos.common.numbers import counted, number
from demos.contract import Check, State
from demos.contract.verdict import worst
from demos.contract.wording import judgement, shown
from demos.descent.basin_maps import differing, flow_basins, method_basins
from demos.descent.checks import DISTANCE
from demos.descent.checks_implicit import RISES
from demos.descent.flow import TIP
from demos.descent.measured import DIVERGES, EARLY, Measured
from demos.descent.prediction import CONVERGES, HOVERS, OSCILLATES, SETTLES, UNKNOWN, Prediction
from demos.descent.setup import NEAR, Setup
from demos.descent.simulate import MethodRun
from demos.descent.tables import judged


def headline(
    setup: Setup,
    runs: list[MethodRun],
    predicted: list[list[Prediction]],
    measured: list[list[Measured]],
    rows: list[Check],
) -> str:
    """The first check that differs; without one, the predicted and the measured fate of the first two methods."""
    state = worst(tuple(row.state for row in rows))
    if state is State.DIFFERS:
        first = next(row for row in rows if row.state is State.DIFFERS)
        return f"{first.name[:1].upper()}{first.name[1:]}: {shown(first, first.measured)}, {judgement(first)}."
    both = zip(runs[:2], predicted, measured, strict=False)
    if len(setup.starts) > 1:
        return " ".join(_fates(run, prediction, observed) for run, prediction, observed in both)
    if not setup.surface.minima:
        return _leaving(setup, runs)
    return " ".join(
        [
            *_in_the_picture(setup, runs, rows),
            *(
                _fate(setup, run, prediction[0], observed[0], is_first=run is runs[0])
                for run, prediction, observed in both
            ),
        ]
    )


def _in_the_picture(setup: Setup, runs: list[MethodRun], rows: list[Check]) -> list[str]:
    """What is drawn where it is not the loss: the distance from the flow, or a method's own basins."""
    first = next((row for row in rows if row.name.startswith(DISTANCE) and row.predicted is not None), None)
    if setup.config.beside == "distance" and first is not None:
        return [f"Up to {number(first.measured)} from the exact flow, predicted: {number(first.predicted)}."]
    if setup.config.ground == "method" and setup.surface.minima:
        share = differing(flow_basins(setup.surface), method_basins(setup.config))
        return [
            f"The basins of {runs[0].label} differ from the flow's in {number(100 * share, digits=2)} % of the view."
        ]
    limit = setup.config.limit_of("euler")
    if runs[0].method == "implicit_euler" and runs[0].rate > limit and any(row.name.startswith(RISES) for row in rows):
        past = number(runs[0].rate / limit, digits=2)
        return [
            f"E never rises in {counted(runs[0].steps, 'step')} of {runs[0].label}, at {past} × gradient "
            "descent's limit 2/L."
        ]
    return []


def _leaving(setup: Setup, runs: list[MethodRun]) -> str:
    """On a landscape without minima: when the flow and the first two methods leave the view, or where they end."""
    paths = [("the exact flow", setup.exact.times, setup.exact.states[:, 0])]
    paths += [(run.label, np.arange(run.steps + 1) * run.rate, run.states[:, 0]) for run in runs[:2]]
    low, high = np.array(setup.surface.view).T
    leaving, staying = [], []
    for name, times, states in paths:
        with np.errstate(invalid="ignore"):
            outside = ~((states >= low) & (states <= high)).all(1)  # also where it is not finite
        if outside.any():
            leaving.append(f"{name}{'' if leaving else ' leaves the view'} at t = {number(times[outside.argmax()])}")
        else:
            apart = [float(np.linalg.norm(states[-1] - place.position)) for place in setup.surface.stationary_points]
            staying.append(f"{name} ends {f'{number(min(apart))} from the saddle' if apart else 'in the view'}")
    text = ", ".join(leaving + staying)
    return f"{text[:1].upper()}{text[1:]}."


def _fate(setup: Setup, run: MethodRun, prediction: Prediction, observed: Measured, is_first: bool) -> str:
    """The sentence about one start. The reason for a missing prediction is given for the first method only."""
    happened = f"{run.label} {_resting(setup, run) or _happened(observed, run, is_first)}"
    if prediction.fate == UNKNOWN and not math.isfinite(prediction.least):
        return f"{happened}; no prediction{f': {prediction.why}' if is_first else ''}."
    verdict = judged(prediction, observed, run.steps)
    words = {
        CONVERGES: "it converges",
        OSCILLATES: "it converges, oscillating",
        SETTLES: "it settles",
        HOVERS: "it does not settle",
    }
    predicted = words.get(prediction.fate, "not to settle there")
    if math.isfinite(prediction.least) and prediction.fate in (SETTLES, UNKNOWN):
        predicted = f"at least {_steps(prediction.least)}"
    elif math.isfinite(prediction.steps):
        predicted = _steps(prediction.steps)
    if verdict == "too early to tell":
        few = "1 step is" if run.steps == 1 else f"{run.steps:,} steps are"
        return f"{run.label}: {few} too few to tell; predicted: {predicted}."
    elsewhere = math.isfinite(observed.steps) and observed.nearest != prediction.destination
    other = ", in another minimum" if elsewhere and prediction.fate != HOVERS else ""
    if verdict == "right" and prediction.fate in (DIVERGES, HOVERS):
        return f"{happened}{other}, as predicted."
    return f"{happened}{other}; predicted: {predicted.removesuffix(' steps').removesuffix(' step')}."


def _steps(count: float) -> str:
    return f"{count:,.0f} step{'' if count == 1 else 's'}"


def _resting(setup: Setup, run: MethodRun) -> str:
    """Where the last tenth of the first start's path lies at a saddle or a maximum: that; otherwise nothing."""
    last = run.states[-max(2, run.steps // 10) :, 0]
    for place in setup.surface.stationary_points:
        if place.kind != "minimum" and (np.linalg.norm(last - place.position, axis=1) <= NEAR * setup.scale).all():
            return f"comes to rest at a {place.kind}, E = {number(place.energy)}"
    return ""


def _happened(observed: Measured, run: MethodRun, is_first: bool) -> str:
    if observed.left >= 0:
        return f"left at step {observed.left:,}"
    if observed.fate in (DIVERGES, HOVERS):
        after = f" after {_steps(run.steps)}" if is_first else ""
        about = "about " if observed.fate == HOVERS else ""
        return f"does not settle ({about}{number(observed.distance)} from the nearest minimum{after})"
    if observed.fate == EARLY or observed.is_read_off:
        far = "" if math.isinf(observed.distance) else f", {number(observed.distance)} from the nearest minimum"
        return f"is on its way{far}"
    return f"arrives in {_steps(observed.steps)}{', oscillating' if observed.fate == OSCILLATES else ''}"


def _fates(run: MethodRun, prediction: list[Prediction], observed: list[Measured]) -> str:
    """The sentence about several starts."""
    verdicts = [judged(one, other, run.steps) for one, other in zip(prediction, observed, strict=True)]
    decided = sum(verdict in ("right", "wrong") for verdict in verdicts)
    right = verdicts.count("right")
    if decided == len(observed):
        return f"{run.label}: the fate of {right} of {decided} starts is as predicted."
    if decided:
        return f"{run.label}: the fate of {right} of {decided} starts is as predicted; the others could not be told."
    settled = sum(math.isfinite(one.steps) for one in observed)
    return f"{run.label}: {settled} of {len(observed)} starts settle; {prediction[0].why or 'too early to tell'}."


def notes_of(
    setup: Setup, runs: list[MethodRun], predicted: list[list[Prediction]], measured: list[list[Measured]]
) -> list[str]:
    notes = []
    goals = setup.destinations
    if len(goals) > 1 and setup.surface.minima:
        for run, observed in zip(runs[:1], measured, strict=False):
            elsewhere = [
                one.nearest != goal
                for one, goal in zip(observed, goals, strict=True)
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
    """A sentence for each method that diverged from a start, or whose rate is above its limit at every minimum."""
    found = []
    flattest = min((place.eigenvalues[1] for place in setup.surface.minima), default=math.nan)
    for run, observed in zip(runs, measured, strict=True):
        lost = [one.left for one in observed if one.left >= 0]
        limit = setup.config.limit_of(run.method, flattest)
        if lost and setup.surface.minima:
            who = "" if len(observed) == 1 else f" from {len(lost)} of {len(observed)} starts"
            past = f"; its limit at the flattest minimum is {limit:.3g}" if np.isfinite(limit) else ""
            found.append(
                f"{run.label} at rate {run.rate:g} left the landscape{who}, first at step {min(lost):,}{past}."
            )
        elif run.rate > limit:
            found.append(f"{run.label}: the rate {run.rate:g} is {run.rate / limit:.3g} × the limit at every minimum.")
    return found
