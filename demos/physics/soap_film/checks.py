"""What a soap film must end as, and when it must be where, beside what it did."""

from __future__ import annotations

from math import inf, isfinite, pi, sqrt

import numpy as np

from demos.contract import Check
from demos.physics.bench.flow_checks import clock_check
from demos.physics.soap_film.config import FilmConfig
from demos.physics.soap_film.model import THREAD
from demos.physics.soap_film.reference import (
    CRITICAL_SEPARATION,
    Catenoid,
    discs_area,
    least_area,
    polygon_catenoid,
    softest_rate,
)
from demos.physics.soap_film.reference_flow import first_time, polygon_motion, smooth_motion, smooth_time
from demos.physics.soap_film.simulate import REST_SPEED, FilmRun

NEAR = 0.02  # from its critical point: there Newton's distance means something
CATENOID, DISCS = "catenoid r = a cosh(z/a)", "two discs, Goldschmidt 1831"
MOTION = "r_t = r''/(1 + r'²) − 1/r by LSODA on two grids, extrapolated"
AT_THE_PASS = 3.0  # times that for a film that begins 0.01 R from the unstable catenoid, where an error grows
LATE = 8e-3  # of a time: what steps at a tolerance of 1e-5 may be late
LOOSE = 1e-4  # tolerances above it make a clock that is knowingly late
FEWEST = 0.02  # ring radii that a neck must go for its clock to be read
STAND = ("stable", "unstable")  # starts on a catenoid: what moves them is the polygon's own difference
LEVELS = np.linspace(0.1, 0.9, 9)  # shares of the neck's way at which its clock is read


def checks(config: FilmConfig, run: FilmRun) -> list[Check]:
    """The most telling first: where the film ended, when it was where, what its clock lost."""
    if run.lost:
        reason = f"the run was lost: {run.path.status}"
        return [Check("neck", run.neck, _end_neck(run), incomparable=reason, source=CATENOID)]
    end, clock = _end_checks(run), [] if config.optimizes else _clock_checks(config, run)
    rest = [_least_area_check(run)] + ([] if config.optimizes else _dissipation_checks(config, run))
    if run.snapped or not run.at_rest:  # when it closed, or how fast it goes, is the lesson
        return clock[:1] + end + clock[1:] + rest
    return end[:2] + clock + end[2:] + rest


def _end_neck(run: FilmRun) -> float:
    return run.catenoids[0].neck if run.catenoids else 0.0


def nearest_catenoid(run: FilmRun) -> Catenoid | None:
    """The one whose neck is nearest to where the run ended; None past the critical distance."""
    middle = float(run.end[0, run.end.shape[1] // 2])
    return min(run.catenoids, key=lambda c: abs(c.neck - middle), default=None)


def _end_checks(run: FilmRun) -> list[Check]:
    """Neck and area beside those of a catenoid or of two discs, once the film is at rest.

    floor: what the polygon of so many pieces is away from the smooth catenoid, from a recurrence that knows nothing of
    the energy's code; and how far from rest a film may be that moves no faster than `REST_SPEED`.
    """
    area, exact = float(run.areas[-1]), nearest_catenoid(run)
    if run.snapped:
        cones = discs_area(run.film.spacing) - 2 * pi
        creeps = "" if run.at_rest else f"what is left of the film still moves, by {run.speed:.2g} a unit of time"
        return [
            Check("area at the end", area, 2 * pi, floor=1.01 * cones + 1e-6, source=DISCS, incomparable=creeps),
            Check("neck at the end", run.neck, 0.0, floor=1e-9, source=DISCS),
        ]
    middle = float(run.end[0, run.end.shape[1] // 2])
    moving = "" if run.at_rest else f"not at rest: its fastest point moves by {run.speed:.2g} a unit of time"
    if exact is None:
        held = moving or f"a polygon of {run.film.links} pieces spans rings that no smooth film spans"
        return [
            Check("neck at the end", middle, 0.0, incomparable=held, source=DISCS),
            Check("area at the end", area, 2 * pi, incomparable=held, source=DISCS),
        ]
    neck, polygon_area = polygon_catenoid(exact, run.film.links)
    away = 5 * REST_SPEED / softest_rate(exact, run.film.links)  # the slowest way back to rest
    found = [
        Check(
            "neck at the end",
            middle,
            exact.neck,
            floor=1.01 * abs(neck - exact.neck) + away + 1e-9,
            unit="R",
            source=CATENOID,
            incomparable=moving,
        ),
        Check(
            "area at the end",
            area,
            exact.area,
            floor=1.01 * abs(polygon_area - exact.area) + 10 * away**2 + 1e-8,
            unit="R²",
            source=CATENOID,
            incomparable=moving,
        ),
    ]
    if run.at_rest and run.distance < NEAR:
        ways = 0 if exact.stable else 1
        found.append(Check("ways down from there", run.critical_point.downhill, ways, source="Hessian's spectrum"))
    return found


def _clock_checks(config: FilmConfig, run: FilmRun) -> list[Check]:
    """When the film closed, or was half its way, beside the same motion by other means.

    floor: by how much the polygon of so many pieces is known to be early or late, and the share of its time that steps
    at this tolerance may be.
    """
    start, metric = config.start, config.film_metric
    end = max(float(run.x[-1]), 1e-9) if run.at_rest else config.duration
    smooth = smooth_motion(config.separation, start, metric, end)
    polygon = polygon_motion(config.separation, config.pieces, start, metric, end)
    times, necks = run.profile_x, run.profiles.min(1)
    closes = smooth_time(smooth, THREAD)
    late = LATE * max(1.0, sqrt(config.tolerance / 1e-5)) if config.method in ("rkc", "bdf") else LATE
    late *= AT_THE_PASS if start in ("above", "below") else 1.0
    explained = _known_lateness(config, run)
    reason = ""
    way = float(smooth[1].necks[-1] - smooth[1].necks[0])
    if start in STAND:
        reason = "it started on a catenoid: only the difference of its polygon moves it"
    elif abs(way) < FEWEST and not isfinite(closes):
        reason = f"its neck has gone only {abs(way):.2g} R: too short a way to read a clock"
    elif isfinite(closes) != isfinite(polygon.closes):
        reason = f"so close to {CRITICAL_SEPARATION:.4f} R a polygon of {config.pieces} pieces decides otherwise"

    def row(name: str, neck: float) -> Check:
        exact = closes if neck == THREAD else smooth_time(smooth, neck)
        known = polygon.closes if neck == THREAD else polygon.time_at(neck)
        passed = first_time(times, necks, neck)
        floor = late * exact + 1.05 * abs(known - exact) + config.step * (config.method == "euler")
        return Check(
            name,
            passed if isfinite(passed) else inf,  # inf: it never was there; no nan, which is not equal to itself
            exact if isfinite(exact) else None,
            floor=floor if isfinite(floor) else 0.0,
            source=MOTION if metric == "curvature" else "the film's own equation by LSODA",
            incomparable=reason,
            explained=explained,
        )

    if isfinite(closes):
        found = [row("time when it closes", THREAD)]
    else:
        found = [row("time when the neck is half its way", smooth[1].necks[0] + 0.5 * way)]
    if reason:
        return found[:1]
    first, last = smooth[1].necks[0], THREAD if isfinite(closes) else smooth[1].necks[-1]
    off, floor = [], 0.0
    for neck in first + LEVELS * (last - first):
        each = row("", float(neck))
        if each.truth is None or not isfinite(each.truth) or each.truth <= 0:
            continue  # a neck that goes back and forth passes some heights twice, or never
        off.append((each.measured - each.truth) / each.truth if isfinite(each.measured) else 10.0)
        floor = max(floor, each.floor / each.truth)
    if off:
        worst = max(off, key=abs)
        found.append(
            Check(
                "the neck's clock, farthest off at nine moments",
                worst,
                0.0,
                floor=floor,
                source=found[0].source,
                note="a share of the time until then",
                explained=explained,
            )
        )
    return found


def _known_lateness(config: FilmConfig, run: FilmRun) -> str:
    """Why this run's clock is knowingly off, or nothing."""
    if config.method == "euler" and config.step > run.step_limit:
        return f"the step is {config.step / run.step_limit:.2g} times the stability limit"
    if config.method == "dopri5":
        return "as steps at the edge of stability tremble" if config.tolerance > LOOSE else ""
    if config.method != "euler" and config.tolerance > LOOSE:
        return f"as steps at a tolerance of {config.tolerance:g} are late"
    return ""


def _least_area_check(run: FilmRun) -> Check:
    """Among the last rows: a bound that is kept unless the area itself is wrong."""
    least = least_area(run.film.separation, run.film.links)
    source = "two discs" if least == discs_area(run.film.spacing) else CATENOID
    area = float(run.areas[-1])
    return Check("area, at least the smallest possible", area, least, bound="lower", floor=1e-9 * least, source=source)


def _dissipation_checks(config: FilmConfig, run: FilmRun) -> list[Check]:
    fall = max(float(run.areas[0]) - float(run.areas[-1]), 1e-300)
    loose = 1.0
    if config.method == "rkc":  # of a small fall a large share
        loose = sqrt(config.tolerance / 1e-5) + 400 * config.tolerance * float(run.areas[0]) / fall
    still = "" if fall > 1e-4 else f"the area fell by {fall:.1g} only: too little to be shared out"
    explained = _known_lateness(config, run)
    if config.method == "dopri5":
        explained = "at the edge of stability a film trembles, and that dissipates too"
    if config.method == "euler" and config.step > 0.1 * run.step_limit:
        explained = explained or "as steps near the stability limit lose"
    return [
        clock_check(float(run.residual[-1]), floor=5e-3 * loose, explained=explained, incomparable=still),
        Check(
            "largest rise of the area in a step",
            max(0.0, float(np.diff(run.areas).max(initial=0.0))),
            0.0,
            floor=2 * config.tolerance,
            source="a gradient flow goes downhill",
            explained=explained,
        ),
    ]
