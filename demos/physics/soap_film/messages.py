"""Notes and warnings of a run of the soap film."""

from __future__ import annotations

import numpy as np

from demos.common.numbers import counted
from demos.physics.bench.config import method_label
from demos.physics.soap_film.checks import NEAR
from demos.physics.soap_film.config import FilmConfig
from demos.physics.soap_film.model import THREAD
from demos.physics.soap_film.reference import CRITICAL_SEPARATION, goldschmidt_separation
from demos.physics.soap_film.reference_flow import first_time
from demos.physics.soap_film.simulate import REST_SPEED, FilmRun


def explain(separation: float) -> str:
    """One sentence on the surface that spans the rings, and on the distance from the critical separation."""
    if separation >= CRITICAL_SEPARATION:
        return (
            f"The rings are {separation:.4g} R apart, {separation / CRITICAL_SEPARATION:.3f} × the "
            f"{CRITICAL_SEPARATION:.4f} R that a film can span: it snaps into two discs."
        )
    if separation > goldschmidt_separation():
        return (
            f"The rings are {separation:.4g} R apart: the catenoid is only metastable. Two discs have less "
            f"area, but up to {CRITICAL_SEPARATION:.4f} a barrier stands between."
        )
    return f"The rings are {separation:.4g} R apart: the catenoid is the least area of all."


def notes(config: FilmConfig, run: FilmRun) -> list[str]:
    found = [explain(run.film.separation), _end(config, run)]
    return found


def _end(config: FilmConfig, run: FilmRun) -> str:
    """A sentence on how the run ended."""
    last, unit = run.x[-1], "iteration" if run.residual is None else "t ="
    if run.snapped:
        closed = 0.0 if run.profiles[0].min() < THREAD else first_time(run.profile_x, run.profiles.min(1), THREAD)
        left = "two discs" if run.speed <= REST_SPEED else "films that creep back to their rings"
        return f"It closed at {unit} {closed:.4g}; what is left are {left}."
    if run.speed <= REST_SPEED:
        return (
            f"At rest at {unit} {last:.4g}: its fastest point moves by {run.speed:.1e} a unit of time, less "
            f"than the {REST_SPEED:.0e} at which a run stops."
        )
    if run.distance < NEAR:
        stable = run.critical_point.downhill == 0
        kind = "catenoid" if stable else "unstable catenoid, from which there is a way down"
        return (
            f"Within {run.distance:.1e} of the {kind} at {unit} {last:.4g}, where its fastest point moves by "
            f"{run.speed:.1e} a unit of time."
        )
    if config.method == "euler" and config.step > run.step_limit:
        return f"It does not come to rest: at {unit} {last:.4g} rings still jump."
    return f"Still moving at {unit} {last:.4g}, by {run.speed:.2g} a unit of time: give it more time."


def warnings(config: FilmConfig, run: FilmRun) -> list[str]:
    label = method_label(config.method)
    if run.path.status.kind == "diverged":
        return [f"{label} {run.path.status}."]
    if config.step > run.step_limit and config.method == "euler":
        rises = int((np.diff(run.areas) > 1e-9).sum())
        return [
            f"{label}: the step {config.step:g} is {config.step / run.step_limit:.2g} × the stability limit 2/L = "
            f"{run.step_limit:.3g}; the area rose in {rises:,} of {counted(run.path.steps, 'step')}."
        ]
    return []
