"""What a soap film must end as, beside what it did: checks, notes and warnings."""

from __future__ import annotations

from math import pi, sqrt

import numpy as np
import torch

from demos.contract import Check
from demos.physics.config import METHOD_LABELS, EnergyConfig
from demos.physics.soap_film.catenoid import catenoids, explain
from demos.physics.soap_film.discrete_catenoid import polygon_catenoid
from demos.physics.soap_film.model import SoapFilm
from demos.physics.soap_film.run import REST, FilmRun

NEAR = 0.02  # from its critical point: there Newton's distance means something
CATENOID, DISCS = "catenoid r = a cosh(z/a)", "two discs, Goldschmidt 1831"


def discs_area(film: SoapFilm) -> float:
    """Of two discs as this polygon has them: cones one piece high."""
    return 2 * pi * sqrt(1 + film.spacing**2)


def least_area(film: SoapFilm) -> float:
    """What no film of these pieces between these rings can fall below."""
    if not catenoids(film.separation):
        return discs_area(film)
    return min(polygon_catenoid(catenoids(film.separation)[0], film.links)[1], discs_area(film))


def checks(config: EnergyConfig, run: FilmRun) -> list[Check]:
    found, area = [], float(run.areas[-1])
    if run.snapped and run.speed <= REST:
        found += [
            Check("area", area, 2 * pi, floor=discs_area(run.film) - 2 * pi + 1e-9, source=DISCS),
            Check("neck", run.neck, 0.0, floor=1e-9, source=DISCS),
        ]
    elif run.distance < NEAR:
        found += _catenoid(run, area)
    else:
        low = least_area(run.film)
        found.append(
            Check(
                "area below the least possible",
                max(0.0, low - area),
                0.0,
                floor=1e-9 * low,
                source="two discs" if low == discs_area(run.film) else CATENOID,
            )
        )
    if config.method == "rkc":
        fallen = max(float(run.areas[0]) - area, 1e-300)
        loose = sqrt(config.tolerance / 1e-5) + 400 * config.tolerance * area / fallen  # of a small fall a large share
        found += [
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
    return found


def _catenoid(run: FilmRun, area: float) -> list[Check]:
    """floor: what the polygon of so many pieces is away from the catenoid, from a recurrence that knows nothing of the
    energy's code, and twice what Newton's method at the end says is still missing: little, once the film is at rest."""
    point = run.polygon
    truth = run.exact[min(point.downhill, 1)]
    neck, polygon_area = polygon_catenoid(truth, run.film.links)
    above = abs(area - float(run.film.energy(torch.from_numpy(point.radii)[None])))
    middle = float(run.end[0, run.end.shape[1] // 2])
    return [
        Check(
            "neck", middle, truth.neck, floor=1.01 * abs(neck - truth.neck) + 2 * run.distance + 1e-9, source=CATENOID
        ),
        Check(
            "area", area, truth.area, floor=1.01 * abs(polygon_area - truth.area) + 2 * above + 1e-9, source=CATENOID
        ),
        Check("ways down from there", point.downhill, 0 if truth.stable else 1, source="Hessian's spectrum"),
    ]


def notes(config: EnergyConfig, run: FilmRun) -> list[str]:
    found = [explain(run.film.separation)]
    last, unit = run.x[-1], "iteration" if run.residual is None else "t ="
    if run.snapped:
        closed = run.profile_x[np.argmax(run.profiles.min(1) < 0.01)]
        left = "two discs" if run.speed <= REST else "films that creep back to their rings"
        found.append(f"It closed at {unit} {closed:.4g}; what is left are {left}.")
    elif run.speed <= REST:
        found.append(
            f"At rest at {unit} {last:.4g}: the fastest ring moves by {run.speed:.1e} a unit of time, less "
            f"than the {REST:.0e} at which a run stops."
        )
    elif run.distance < NEAR:
        kind = "catenoid" if run.polygon.downhill == 0 else "unstable catenoid, from which there is a way down"
        found.append(
            f"Within {run.distance:.1e} of the {kind} at {unit} {last:.4g}, where the fastest ring moves by "
            f"{run.speed:.1e} a unit of time."
        )
    elif config.method == "euler" and config.step > run.limit:
        found.append(f"It does not come to rest: at {unit} {last:.4g} rings still jump.")
    else:
        found.append(f"Still moving at {unit} {last:.4g}, by {run.speed:.2g} a unit of time: give it more time.")
    if config.method == "dopri5" and run.residual is not None and abs(run.residual[-1]) > 5e-3:
        found.append(
            f"The identity misses {abs(run.residual[-1]):.0%} of the fall: at the edge of stability the film "
            "trembles, and that dissipates too."
        )
    return found


def warnings(config: EnergyConfig, run: FilmRun) -> list[str]:
    label = METHOD_LABELS[config.method]
    if run.path.status.kind == "diverged":
        return [f"{label} {run.path.status}."]
    if config.step > run.limit and config.method == "euler":
        rises = int((np.diff(run.areas) > 1e-9).sum())
        return [
            f"{label}: the step {config.step:g} is {config.step / run.limit:.2g} × the stability limit 2/L = "
            f"{run.limit:.3g}; the area rose in {rises:,} of {run.path.steps:,} steps."
        ]
    return []
