"""Checks of spinodal decomposition: growth rates of waves at first, a power law of coarsening later."""

from __future__ import annotations

from math import sqrt

import numpy as np
import torch

from demos.contract import Check
from demos.physics.phase_field.amplification import amplification
from demos.physics.phase_field.config import PhaseFieldConfig
from demos.physics.phase_field.observables import domain_length, fitted_exponent
from demos.physics.phase_field.reference import fastest_rate, growth_rate
from demos.physics.phase_field.simulate import FieldRun
from demos.physics.phase_field.true_motion import late_share

LINEAR = 0.02  # largest variance of c at which linear theory is still accurate
GROWTH = "Cahn, Acta Metall. 9 (1961) 795"


def mixture_checks(config: PhaseFieldConfig, run: FieldRun, why: str) -> list[Check]:
    """Rows of the growth of waves and of coarsening. why: the cause of a timing error if another row has shown it."""
    if config.start != "spinodal":
        return []
    frame = linear_frame(run, config.mean)
    return ([] if frame is None else _growth_checks(config, run, frame, why)) + _coarsening_checks(config, run)


def linear_frame(run: FieldRun, mean: float) -> int | None:
    """The frame at which the fastest wave has grown by e, if linear theory is still accurate then; else None."""
    best = fastest_rate(run.field, mean)
    if best <= 0 or 2 / best > run.frame_times[-1]:
        return None
    frame = int(np.abs(run.frame_times - 1 / best).argmin())
    variance = float((run.state(frame) - mean).square().mean())
    return frame if frame > 0 and variance < LINEAR else None


def coarsening_window(config: PhaseFieldConfig, run: FieldRun) -> tuple[float, float] | None:
    """The start and end of the fit of E ~ t^(−1/3): after the walls have formed, and while seven domains fit along a
    side; None where that is too short."""
    field, end = run.field, float(run.frame_times[-1])
    first = max(50 * config.gamma, end / 10)
    if not field.conserved or abs(config.mean) > 0.2 or not config.adapts or end < 3 * first:
        return None
    few = ((run.times >= first) & (run.times <= end)).sum() < 3  # steps, too few for the fit of an exponent
    return None if few or field.length <= 7 * run.domain_lengths[1][-1] else (first, end)


def _coarsening_checks(config: PhaseFieldConfig, run: FieldRun) -> list[Check]:
    window = coarsening_window(config, run)
    if window is None:
        return []
    return [
        Check(
            "pace of coarsening, −d ln E/d ln t",
            -fitted_exponent(run.times, run.energies, *window),
            None,
            note=f"from t = {window[0]:.3g} to {window[1]:.3g}; ⅓ is where it tends to as domains grow",
            why="theory bounds averages over all times by ⅓, and with a constant that it does not name (Kohn & Otto)",
        )
    ]


def _growth_checks(config: PhaseFieldConfig, run: FieldRun, frame: int, why: str) -> list[Check]:
    """Rows of mean wave length and growth rate at t = 1/σ, against linear theory, in which every wave of this start
    grows at its own rate.

    Their floor is the cubic term, which changes each rate by 3⟨c²⟩ k² (by 3⟨c²⟩ in L²), plus the timing error of
    adaptive steps.
    """
    field, time, now = run.field, float(run.frame_times[frame]), run.state(frame) - config.mean
    squares = field.torus.minus_laplacian()
    rate = growth_rate(field, squares, config.mean)
    grown = torch.exp(rate * time)
    if not config.adapts:
        factor = amplification(field, config.method, config.step, config.stabilizer, config.mean).abs()
        grown = factor ** round(time / config.step)
    transform = field.torus.real
    start = transform.forward(run.start - config.mean)
    variance = max(float((run.start - config.mean).square().mean()), float(now.square().mean()))
    scale = float(squares.flatten()[rate.argmax()]) if field.conserved else 1.0
    cubic = 3 * variance * scale + 3 * abs(config.mean) * sqrt(variance) * scale * 0.5
    exact = float(domain_length(transform.backward(start * grown), field))
    late = late_share(config) if config.adapts else 0.0
    found = [
        Check(
            f"mean wave length at t = {time:.3g}",
            float(domain_length(now, field)),
            exact,
            floor=exact * (cubic * time + late),
            source=GROWTH,
            note="each wave of this start grown at its own rate",
            explained=why if config.adapts else "",
        )
    ]
    band = rate > 0.9 * rate.max()
    band[0, 0] = False
    if field.conserved and int(band.sum()) > 20:
        measured = float((transform.forward(now)[0].abs() / start[0].abs())[band].log().mean()) / time
        exact = float(grown[band].log().mean()) / time
        found.append(
            Check(
                "growth rate of the fastest waves",
                measured,
                exact,
                floor=cubic + late * abs(exact),
                source=GROWTH,
                explained=why if config.adapts else "",
            )
        )
    return found
