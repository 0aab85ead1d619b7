"""Checks of a soap film: its end, its motion in time, its energy balance."""

from __future__ import annotations

from math import pi

import numpy as np

from demos.contract import Check
from demos.physics.soap_film.clock import CLOSES, area_checks, neck_checks, past_limit
from demos.physics.soap_film.config import FilmConfig
from demos.physics.soap_film.reference import (
    Catenoid,
    discs_area,
    least_area,
    polygon_catenoid,
    softest_rate,
)
from demos.physics.soap_film.simulate import REST_SPEED, FilmRun

NEAR = 0.02  # largest distance from the critical point at which the two are compared
DRAWN = 1e-5  # relative error of the area of radii in single precision
CATENOID, DISCS = "catenoid r = a cosh(z/a)", "two discs, Goldschmidt 1831"


def checks(config: FilmConfig, run: FilmRun) -> list[Check]:
    """The rows, the most informative first: the end of the film, its motion in time, its energy balance."""
    if run.lost:
        reason = f"the run was lost: {run.path.status}"
        return [Check("neck", run.neck, _end_neck(run), incomparable=reason, source=CATENOID)]
    clock = [] if config.optimizes else neck_checks(config, run)
    holds = bool(clock) and clock[0].name != CLOSES and not clock[0].incomparable
    end = _end_checks(run, past_limit(config, run), holds)
    rest = [_frames_check(run), _least_area_check(run)] + ([] if config.optimizes else area_checks(config, run))
    if run.snapped or not run.at_rest:  # then the motion in time is the main point
        return clock[:1] + end + clock[1:] + rest
    return end[:2] + clock + end[2:] + rest


def _end_neck(run: FilmRun) -> float:
    return run.catenoids[0].neck if run.catenoids else 0.0


def nearest_catenoid(run: FilmRun) -> Catenoid | None:
    """The catenoid whose neck is nearest to that of the run's end; None above the critical separation."""
    middle = float(run.end[0, run.end.shape[1] // 2])
    return min(run.catenoids, key=lambda c: abs(c.neck - middle), default=None)


def _end_checks(run: FilmRun, torn: str, holds: bool) -> list[Check]:
    """Rows of neck and area of a film at rest, against a catenoid or two discs.

    torn: why a film that has snapped proves nothing, or "". holds: whether the exact film stays open for the time of
    this run: two discs are no truth then.

    Their floor is the difference of the polygon from the smooth catenoid, computed by a recurrence independent of
    `SoapFilm`, plus the largest distance from rest of a film that moves no faster than `REST_SPEED`.
    """
    area, exact = float(run.areas[-1]), nearest_catenoid(run)
    if run.snapped and not (holds and exact):
        cones = discs_area(run.film.spacing) - 2 * pi
        creeps = "" if run.at_rest else f"what is left of the film still moves, by {run.speed:.2g} a unit of time"
        why = torn or creeps
        return [
            Check("area at the end", area, 2 * pi, floor=1.01 * cones + 1e-6, source=DISCS, incomparable=why),
            Check("neck at the end", run.neck, 0.0, floor=1e-9, source=DISCS, incomparable=torn),
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
    away = 5 * REST_SPEED / softest_rate(exact, run.film.links)  # distance from rest, if only the slowest mode is left
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


def _frames_check(run: FilmRun) -> Check:
    """The row of the area of the profile that is farthest off, as a sum of frustums, against the one that the run
    reports at its time."""
    r, h = run.profiles, run.film.spacing
    areas = pi * ((r[:, 1:] + r[:, :-1]) * np.hypot(h, np.diff(r, axis=1))).sum(1)
    booked = run.areas[np.searchsorted(run.x, run.profile_x * (1 - 1e-12)).clip(0, len(run.x) - 1)]
    worst = int(np.nan_to_num(np.abs(areas - booked), nan=np.inf).argmax())
    return Check(
        "area of the profiles, farthest off",
        float(areas[worst]),
        float(booked[worst]),
        floor=DRAWN * float(booked[worst]),
        unit="R²",
        source="the area that the run recorded at its time",
    )


def _least_area_check(run: FilmRun) -> Check:
    """The row of the lower bound of the area, which only a wrong area can violate; it is among the last rows."""
    least = least_area(run.film.separation, run.film.links)
    source = "two discs" if least == discs_area(run.film.spacing) else CATENOID
    area = float(run.areas[-1])
    return Check("area, at least the smallest possible", area, least, bound="lower", floor=1e-9 * least, source=source)
