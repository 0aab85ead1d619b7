"""Checks of the film's motion in time: the neck against an independent solution, and the energy balance.

The allowed timing error is known. An adaptive step has an error e of at most its tolerance. On the film's path an error
e is a shift in time by e over the speed, which persists: the film is where it would have been a little earlier or
later. The timing error of a run is therefore at most Σ e/|v|, with speeds |v| from the reference. Explicit Euler with
step h is late by h/2 · ln(|v(t)|/|v(0)|): its modified equation for x' = v is x' = v − h/2 v'v.
"""

from __future__ import annotations

from math import inf, isfinite, log, pi, sqrt

import numpy as np

from demos.contract import Check
from demos.physics.bench.flow_checks import IDENTITY, UNSEEN, clock_check
from demos.physics.soap_film.config import FilmConfig
from demos.physics.soap_film.model import THREAD
from demos.physics.soap_film.reference import CRITICAL_SEPARATION
from demos.physics.soap_film.reference_flow import (
    ReferenceMotion,
    first_time,
    polygon_motion,
    smooth_motion,
    smooth_time,
)
from demos.physics.soap_film.simulate import FilmRun

MOTION = {
    "curvature": "r_t = r''/(1 + r'²) − 1/r by LSODA on two grids, extrapolated",
    "radius": "the film's own equation by LSODA",
}
REFERENCE = 5e-5  # relative error of a time of the reference solution
FEWEST = 0.02  # least distance that a neck must move, in ring radii, for its times to be compared
CLOSES = "time when it closes"
STAND = ("stable", "unstable")  # starts on a catenoid, which move only because the polygon differs from it
LEVELS = np.linspace(0.1, 0.9, 9)  # shares of the neck's total motion at which times are compared


def neck_checks(config: FilmConfig, run: FilmRun) -> list[Check]:
    """Rows of the time at which the film closed, or was half way, against the smooth film; and of nine times against
    the polygon of as many pieces. Their floor is the allowed timing error of the steps and, against the smooth film,
    the known timing difference of the polygon.
    """
    start, metric = config.start, config.film_metric
    end = max(float(run.x[-1]), 1e-9) if run.at_rest else config.duration
    smooth = smooth_motion(config.separation, start, metric, end)
    polygon = polygon_motion(config.separation, config.pieces, start, metric, end)
    closes, way = smooth_time(smooth, THREAD), float(smooth[1].necks[-1] - smooth[1].necks[0])
    reason = _unreadable(config, run, smooth, polygon)
    half = THREAD if isfinite(closes) else smooth[1].necks[0] + 0.5 * way
    name = CLOSES if isfinite(closes) else "time when the neck is half its way"
    exact = smooth_time(smooth, half)
    measured, known, late = _passing(config, run, polygon, half)
    if run.profiles[0].min() <= half == THREAD:  # closed from the start
        measured = 0.0
    if half == THREAD and isfinite(known):  # it closes at some time between two frames
        late += float(np.diff(run.profile_x)[max(int(np.searchsorted(run.profile_x, known)) - 1, 0) :][:1].sum())
    floor = late + REFERENCE * exact + 1.05 * abs(known - exact)
    if isfinite(exact) and not late <= UNSEEN * exact:
        reason = reason or f"steps at this tolerance may be late by {late:.2g}, {late / exact:.0%} of it"
    found = [
        Check(
            name,
            measured,
            exact if isfinite(exact) else None,
            floor=floor if isfinite(floor) else 0.0,
            source=MOTION[metric],
            incomparable=reason,
        )
    ]
    moments = [] if reason else _moments(config, run, polygon, closes)
    if moments:
        off, floor = max(moments, key=lambda one: abs(one[0]) / one[1])
        found.append(
            Check(
                "time of the neck, farthest off at nine moments",
                off,
                None,
                floor=floor,
                predicted=0.0,
                predicted_by=f"{config.pieces} straight pieces",
                source=MOTION[metric],
                note="a share of the time until then",
            )
        )
    return found


def _moments(config: FilmConfig, run: FilmRun, polygon: ReferenceMotion, closes: float) -> list[tuple[float, float]]:
    """The relative timing error of the neck at each of nine radii, and the allowed one."""
    first, last = polygon.necks[0], THREAD if isfinite(closes) else polygon.necks[-1]
    found = []
    for neck in first + LEVELS * (last - first):
        measured, known, late = _passing(config, run, polygon, float(neck))
        if isfinite(known) and known > 0 and late <= UNSEEN * known:
            off = (measured - known) / known if isfinite(measured) else 10.0  # the neck never had that radius
            found.append((off, late / known + REFERENCE))
    return found


def _unreadable(config: FilmConfig, run: FilmRun, smooth: tuple[ReferenceMotion, ...], polygon: ReferenceMotion) -> str:
    """Why the times of this run cannot be compared; "" where they can."""
    if config.start in STAND:
        return "it started on a catenoid, and only the difference of its polygon moves it"
    if past_limit(config, run):
        return past_limit(config, run)
    closes, way = smooth_time(smooth, THREAD), float(smooth[1].necks[-1] - smooth[1].necks[0])
    if closes == 0:
        return f"its neck starts thinner than {THREAD:g} R, at which a film counts as closed"
    if abs(way) < FEWEST and not isfinite(closes):
        return f"its neck goes only {abs(way):.2g} R, too short a way to tell the time"
    if isfinite(closes) != isfinite(polygon.closes):
        return f"so close to {CRITICAL_SEPARATION:.4f} R a polygon of {config.pieces} pieces decides otherwise"
    return ""


def past_limit(config: FilmConfig, run: FilmRun) -> str:
    """That explicit steps are past their stability limit, in words; "" where they are not."""
    if config.method != "euler" or config.step <= run.step_limit:
        return ""
    return f"the step is {config.step / run.step_limit:.2g} times the stability limit"


def _passing(config: FilmConfig, run: FilmRun, polygon: ReferenceMotion, neck: float) -> tuple[float, float, float]:
    """The time when the run's neck first had the radius `neck` (inf: never); that of the reference polygon, sampled at
    the run's times; and the allowed timing error then."""
    measured = first_time(run.profile_x, run.profiles.min(1), neck)
    known = polygon.closes if neck == THREAD else polygon.seen_at(run.profile_x, neck)
    return measured if isfinite(measured) else inf, known, latest(config, run, polygon, known)


def latest(config: FilmConfig, run: FilmRun, polygon: ReferenceMotion, time: float) -> float:
    """The allowed timing error of this method's steps at a time of the polygon's motion."""
    if not isfinite(time):
        return inf
    if config.method == "euler":
        speeds = np.interp([0.0, time], polygon.times, polygon.speeds)
        return config.step * (1 + 0.5 * abs(log(max(speeds[1], 1e-300) / max(speeds[0], 1e-300))))
    ends = run.x[1:][run.x[:-1] < time]  # ends of the steps until then
    speeds = np.interp(ends, polygon.times, polygon.speeds)
    return float((error_of(config) / np.maximum(speeds, 1e-300)).sum())


def error_of(config: FilmConfig) -> float:
    """The allowed error of a step, root mean square over radii of at most 1: rtol |r| + atol."""
    return 2 * config.tolerance


def area_checks(config: FilmConfig, run: FilmRun) -> list[Check]:
    """Rows of the energy balance's residual until the film closes, and of the largest rise of the area in a step.

    floor: an error e of a step changes the area by |∇A·e| ≤ √rate |e|, both in the metric of the flow, in which an
    error of 1 everywhere has the size √(2πs) at most. Explicit Euler loses h/4 (rate(0) − rate(t)), but for a third of
    its step over the stability limit.
    """
    last = len(run.x) - 1
    if run.snapped:  # after it, the rest of the film falls onto the axis piece by piece
        open_until = run.profile_x[max(int(np.argmax(run.profiles.min(1) < THREAD)) - 1, 0)]
        last = max(int(np.searchsorted(run.x, open_until, "right")) - 1, 1)
    fall = float(run.areas[0] - run.areas[last])
    still = "" if fall > 1e-4 else f"the area fell by {max(fall, 0.0):.1g} only: too little to be shared out"
    slopes, size = np.sqrt(np.maximum(run.rates, 0.0)), sqrt(2 * pi * config.separation)
    steepest = np.maximum(slopes[1:], slopes[:-1])
    if config.method == "euler":
        ratio = config.step / run.step_limit
        lost = config.step / 4 * float(run.rates[0] - run.rates[last]) / max(fall, 1e-300)
        past = past_limit(config, run)
        clock = clock_check(
            float(run.residual[last]),
            floor=IDENTITY if past else IDENTITY + abs(lost) * ratio / 3,
            predicted=None if past else lost,  # a rule for small steps
            by="" if past else "this step",
            incomparable=past or still,
        )
        return [clock, _rise_check(run, 0.0, past)]
    each = steepest * size * error_of(config)
    unseen = float(each[:last].sum()) / max(fall, 1e-300)
    if not still and unseen > UNSEEN:
        still = f"steps at this tolerance may lose {min(unseen, 9.99):.0%} of the fall"
    clock = clock_check(float(run.residual[last]), floor=IDENTITY + min(unseen, UNSEEN), incomparable=still)
    return [clock, _rise_check(run, float(each.max(initial=0.0)))]


def _rise_check(run: FilmRun, allowed: float, incomparable: str = "") -> Check:
    return Check(
        "largest rise of the area in a step",
        max(0.0, float(np.diff(run.areas).max(initial=0.0))),
        0.0,
        floor=allowed + 1e-12 * float(run.areas[0]),
        source="a gradient flow goes downhill",
        incomparable=incomparable,
    )
