"""What a soap film must end as, beside what it did."""

from __future__ import annotations

from math import pi, sqrt

import numpy as np
import torch

from demos.contract import Check
from demos.physics.soap_film.config import FilmConfig
from demos.physics.soap_film.reference import discs_area, least_area, polygon_catenoid
from demos.physics.soap_film.simulate import REST_SPEED, FilmRun

NEAR = 0.02  # from its critical point: there Newton's distance means something
CATENOID, DISCS = "catenoid r = a cosh(z/a)", "two discs, Goldschmidt 1831"


def checks(config: FilmConfig, run: FilmRun) -> list[Check]:
    """The end beside two discs, a catenoid or the least possible area, and of RKC the dissipation identity."""
    area = float(run.areas[-1])
    if run.snapped and run.speed <= REST_SPEED:
        found = [
            Check("area", area, 2 * pi, floor=discs_area(run.film.spacing) - 2 * pi + 1e-9, source=DISCS),
            Check("neck", run.neck, 0.0, floor=1e-9, source=DISCS),
        ]
    elif run.distance < NEAR:
        found = _catenoid_checks(run, area)
    else:
        found = [_least_area_check(run, area)]
    return found + _dissipation_checks(config, run, area) if config.method == "rkc" else found


def _catenoid_checks(run: FilmRun, area: float) -> list[Check]:
    """floor: what the polygon of so many pieces is away from the catenoid, from a recurrence that knows nothing of the
    energy's code, and twice what Newton's method at the end says is still missing: little, once the film is at rest."""
    point = run.critical_point
    exact = run.catenoids[min(point.downhill, 1)]
    neck, polygon_area = polygon_catenoid(exact, run.film.links)
    above = abs(area - float(run.film.energy(torch.from_numpy(point.radii)[None])))
    middle = float(run.end[0, run.end.shape[1] // 2])
    neck_floor = 1.01 * abs(neck - exact.neck) + 2 * run.distance + 1e-9
    area_floor = 1.01 * abs(polygon_area - exact.area) + 2 * above + 1e-9
    return [
        Check("neck", middle, exact.neck, floor=neck_floor, source=CATENOID),
        Check("area", area, exact.area, floor=area_floor, source=CATENOID),
        Check("ways down from there", point.downhill, 0 if exact.stable else 1, source="Hessian's spectrum"),
    ]


def _least_area_check(run: FilmRun, area: float) -> Check:
    least = least_area(run.film.separation, run.film.links)
    source = "two discs" if least == discs_area(run.film.spacing) else CATENOID
    missing = max(0.0, least - area)
    return Check("area below the least possible", missing, 0.0, floor=1e-9 * least, source=source)


def _dissipation_checks(config: FilmConfig, run: FilmRun, area: float) -> list[Check]:
    fall = max(float(run.areas[0]) - area, 1e-300)
    loose = sqrt(config.tolerance / 1e-5) + 400 * config.tolerance * area / fall  # of a small fall a large share
    return [
        Check(
            "dissipation identity",
            float(run.residual[-1]),
            0.0,
            floor=5e-3 * loose,
            source="A(0) − A(t) = ∫⟨∇A, M∇A⟩ dt",
            note="the share of the area that the clock lost",
        ),
        Check(
            "largest rise of the area in a step",
            max(0.0, float(np.diff(run.areas).max(initial=0.0))),
            0.0,
            floor=2 * config.tolerance,
            source="a gradient flow goes downhill",
        ),
    ]
