"""Runs of the phase field that a page shows: its fields over time with the books kept, and the shrinking circle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
import pandas as pd
from torch import Tensor

from demos.common.progress import Progress
from demos.gradient_flow import METHODS, Trajectory, solve
from demos.physics.bench.ledger import Ledger
from demos.physics.phase_field.model import PhaseField
from demos.physics.phase_field.reference import circle_rate, radius, smooth_squares
from demos.physics.phase_field.starts import disc_profile

TOLERANCE = 0.1  # how late a step may be, in parts of its way; about as much as the books may then be out

STEP = 0.25  # of the shrinking circle by ETDRK2: 0.7 % in the slope of R²


@dataclass(frozen=True)
class FieldRun:
    """frames (F, n, n) float32 at frame_times (F,); each step: times, energies, rates ⟨∇E, M∇E⟩, residual (S + 1,)."""

    path: Trajectory
    frames: np.ndarray
    frame_times: np.ndarray
    times: np.ndarray
    energies: np.ndarray
    dissipated: np.ndarray
    residual: np.ndarray
    steps: np.ndarray  # (S,) their sizes
    rates: np.ndarray


def run_field(
    field: PhaseField,
    start: Tensor,
    end: float,
    frames: int = 120,
    tolerance: float = TOLERANCE,
    progress: Progress | None = None,
    step: float | None = None,
    method: str = "etdrk2",
    stabilizer: float | None = None,
) -> FieldRun:
    """Follow one field (1, n, n) to t = end with its energy and dissipation booked at every step.

    step None: ETDRK2 chooses its steps, late by `tolerance` at most. Else `method`, a row of METHODS, takes equal steps
    of that size. stabilizer, of the stiff ones; None: the field's own for steps that are chosen, 0 for steps given.
    Frames are evenly spaced in √t: walls move fast at first. Equal steps end at or just past `end`, a whole number of
    them.
    """
    times = np.array([0.0, end]) if step is None else np.arange(max(ceil(end / step - 1e-9), 1) + 1) * step
    flow = field.system().flow()
    stabilizer = stabilizer if stabilizer is not None else field.stabilizer if step is None else 0.0
    ledger = Ledger(field.measure, np.linspace(0, 1, frames) ** 2 * times[-1] * (1 - 1e-12))
    rest = {"record": "steps", "observe": ledger, "progress": progress}
    if METHODS[method].family == "stiff":
        rest["stabilizer"] = stabilizer
    if step is None:
        path = solve(flow, start, times, "etdrk2_adaptive", rtol=1e-2, atol=1e-2, relative_lateness=tolerance, **rest)
    else:
        path = solve(flow, start, times, method, **rest)
    return FieldRun(
        path,
        ledger.frames[:, 0],
        ledger.frame_times,
        ledger.times,
        ledger.energies[:, 0],
        ledger.dissipated[:, 0],
        ledger.residual[:, 0],
        np.diff(ledger.times),
        ledger.rates[:, 0],
    )


@dataclass(frozen=True)
class Circle:
    """A shrinking circle: times (F,), squares R² (F,), their slope over the middle of the way, and the energy."""

    times: np.ndarray
    squares: np.ndarray
    slope: float
    exact: float
    energies: np.ndarray
    residual: float
    frames: np.ndarray


def shrinking_circle(
    field: PhaseField,
    step: float | None = STEP,
    method: str = "etdrk2",
    stabilizer: float = 0.0,
    share: float = 0.5,
    frames: int = 60,
    progress: Progress | None = None,
) -> Circle:
    """A disc of 0.35 box lengths in L², until R² is `share` of its start; slope by least squares over the last 80 %.

    The first fifth is left out: there the wall still takes on its curved profile.
    """
    if field.conserved:
        raise ValueError("a circle shrinks in L² only: in H⁻¹ its area is the mass.")
    start = disc_profile(field, 0.35 * field.length)[None]
    whole = float(radius(start, field.torus.spacings[0])) ** 2
    end = (1 - share) * whole / -circle_rate(field.gamma)
    run = run_field(field, start, end, frames, step=step, method=method, stabilizer=stabilizer, progress=progress)
    squares = smooth_squares(run.frames, field)
    late = run.frame_times >= 0.2 * end
    slope = np.polyfit(run.frame_times[late], squares[late], 1)[0] if late.sum() > 1 else np.nan
    return Circle(
        run.frame_times,
        squares,
        float(slope),
        circle_rate(field.gamma),
        run.energies,
        float(run.residual[-1]),
        run.frames,
    )


def monotone_is_not_accurate(
    field: PhaseField,
    steps: Sequence[float],
    rows: Sequence[tuple[str, float]] = (("etdrk2", 0.0), ("etdrk2", 2.0), ("semi_implicit", 2.0)),
    progress: Progress | None = None,
) -> pd.DataFrame:
    """The shrinking circle at several steps, tidy: method, stabilizer, step, slope (of R²/γ, exact −2), rises (of the
    energy, in steps), residual (of the dissipation identity). All stable, all falling; not all right."""
    table, done, whole = [], 0.0, len(rows) * sum(1 / step for step in steps)
    for method, stabilizer in rows:
        for step in steps:
            part = 1 / step / whole
            share = None if progress is None else lambda own, done=done, part=part: progress(done + part * own)
            circle = shrinking_circle(field, step, method, stabilizer, progress=share)
            done += part
            rises = np.diff(circle.energies) > 1e-12 * np.abs(circle.energies[:-1])
            table.append(
                {
                    "method": method,
                    "stabilizer": stabilizer,
                    "step": step,
                    "slope": circle.slope / field.gamma,
                    "exact": circle.exact / field.gamma,
                    "rises": int(rises.sum()),
                    "residual": circle.residual,
                }
            )
    return pd.DataFrame(table)
