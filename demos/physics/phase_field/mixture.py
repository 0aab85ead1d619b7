"""A mixture that parts: at first every wave grows at its own rate, in the end domains coarsen by a power of time."""

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

LOOSE = 1e-4  # tolerances above it make steps that are knowingly late
LINEAR = 0.02  # variance up to which a mixture is still close to its linear theory
MOST_LATE = 0.03  # of the growth rate: the most that chosen steps may change it and still be right
COARSENING = "Kohn & Otto 2002: no mixture coarsens faster than t^(1/3) in the mean"
GROWTH = "Cahn, Acta Metall. 9 (1961) 795"


def mixture_checks(config: PhaseFieldConfig, run: FieldRun) -> list[Check]:
    if config.start != "spinodal":
        return []
    frame = linear_frame(run, config.mean)
    return ([] if frame is None else _growth_checks(config, run, frame)) + _coarsening_checks(config, run)


def linear_frame(run: FieldRun, mean: float) -> int | None:
    """The frame at which the fastest wave has grown by e, if the mixture is still close to linear then."""
    best = fastest_rate(run.field, mean)
    if best <= 0 or 2 / best > run.frame_times[-1]:
        return None
    frame = int(np.abs(run.frame_times - 1 / best).argmin())
    variance = float((run.state(frame) - mean).square().mean())
    return frame if frame > 0 and variance < LINEAR else None


def coarsening_window(config: PhaseFieldConfig, run: FieldRun) -> tuple[float, float] | None:
    """From when to when E ~ t^(−1/3) is fitted: past the first walls, and while seven domains fit along a side."""
    field, end = run.field, float(run.frame_times[-1])
    first = max(50 * config.gamma, end / 10)
    if not field.conserved or abs(config.mean) > 0.2 or not config.adapts or end < 3 * first:
        return None
    return (first, end) if field.length > 7 * run.domain_lengths[1][-1] else None


def _coarsening_checks(config: PhaseFieldConfig, run: FieldRun) -> list[Check]:
    window = coarsening_window(config, run)
    if window is None:
        return []
    domains = (run.field.length / run.domain_lengths[1][-1]) ** 2
    return [
        Check(
            "pace of coarsening, −d ln E/d ln t",
            -fitted_exponent(run.times, run.energies, *window),
            1 / 3,
            uncertainty=float(0.25 / sqrt(domains) / np.log(window[1] / window[0])),
            bound="upper",
            source=COARSENING,
            note="an upper bound; the error bar is that of few domains",
        )
    ]


def _late(config: PhaseFieldConfig) -> str:
    return (
        f"as steps at a tolerance of {config.tolerance:g} are late"
        if config.adapts and config.tolerance > LOOSE
        else ""
    )


def _growth_checks(config: PhaseFieldConfig, run: FieldRun, frame: int) -> list[Check]:
    """Mean wave length and growth rate at t = 1/σ, beside every wave of this start grown at its own rate.

    floor: the cubic term, which linear theory leaves out, changes each rate by 3⟨c²⟩ k² (by 3⟨c²⟩ in L²), and steps
    that choose themselves may be late.
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
    found = [
        Check(
            f"mean wave length at t = {time:.3g}",
            float(domain_length(now, field)),
            exact,
            floor=exact * cubic * time,
            source=GROWTH,
            note="each wave of this start grown at its own rate",
            explained=_late(config),
        )
    ]
    band = rate > 0.9 * rate.max()
    band[0, 0] = False
    if field.conserved and int(band.sum()) > 20:
        measured = float((transform.forward(now)[0].abs() / start[0].abs())[band].log().mean()) / time
        exact = float(grown[band].log().mean()) / time
        late = min(2 * config.lateness**2, MOST_LATE) * abs(exact) if config.adapts else 0.0
        found.append(
            Check(
                "growth rate of the fastest waves",
                measured,
                exact,
                floor=cubic + late,
                source=GROWTH,
                explained=_late(config),
            )
        )
    return found
