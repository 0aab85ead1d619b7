"""Checks of early frames against the exact flow."""

from __future__ import annotations

import numpy as np

from demos.contract import Check, State
from demos.physics.bench.flow_checks import UNSEEN
from demos.physics.phase_field.amplification import amplification
from demos.physics.phase_field.config import LATENESS, PhaseFieldConfig
from demos.physics.phase_field.fourth_order import Grid, explicit, exponential, followed, semi_implicit
from demos.physics.phase_field.simulate import FieldRun

TRUE = "fourth-order exponential steps, J. Comput. Phys. 176 (2002) 430, by other code"
EXACT = 1e-3  # error of the reference solution, relative to the distance that the field has moved
SINGLE = 4e-7  # rounding of frames in single precision, times the largest value
MOST_REPEATED = 400  # most steps that are repeated by independent code: about a tenth of a second
REPEATED = 1e-4  # relative tolerance of that comparison: rounding errors grow with the growing waves
SHAKEN = 1e-14  # difference of the two codes by rounding, which unstable steps amplify
SECOND_ORDER = 2.0  # factor on the square of the lateness of a step; see `late_share`


def early_frame(config: PhaseFieldConfig, run: FieldRun) -> int:
    """The frame nearest to the time in which the fastest waves grow by e, about 4γ in H⁻¹ and 1 in L²; for small fixed
    steps that of the step number `MOST_REPEATED`, if it is earlier."""
    goal = min(4 * run.field.gamma if run.field.conserved else 1.0, run.frame_times[-1])
    if not config.adapts:
        goal = min(goal, MOST_REPEATED * config.step)
    return max(int(np.abs(run.frame_times - goal).argmin()), 1)


def early_checks(config: PhaseFieldConfig, run: FieldRun) -> list[Check]:
    """The row of the field's distance from the exact flow, relative to the distance that the exact flow has moved; and
    that of its distance from the same steps by independent code, which predicts the method's error."""
    field, frame = run.field, early_frame(config, run)
    time, start = float(run.frame_times[frame]), run.start[0].double().numpy()
    grid = Grid.of(field.size, field.length, config.gamma, field.conserved)
    exact, seen = followed(grid, start, time), run.frames[frame].astype(float)
    made = _repeated(config, run, grid, start, time)
    way = max(_size(exact - start), 1e-300)
    still = "" if way > 1e-4 else f"by t = {time:.3g} the field has moved by {way:.1g} only"
    single = SINGLE * max(float(np.abs(seen).max()), 1.0) / way
    predicted = 100 * _size(made - exact) / way
    allowed = late_share(config) if config.adapts else 0.0
    away = Check(
        f"field at t = {time:.3g}, away from the true flow's",
        min(100 * _size(seen - exact) / way, 1e9),
        0.0,
        floor=100 * (EXACT + single + allowed),
        unit="% of its way",
        source=TRUE,
        predicted=min(predicted, 1e9),
        predicted_by="these steps" if config.adapts else "this step",
        incomparable=still,
    )
    beside, shaken = max(way, _size(made - start)), SHAKEN * _growth(config, run, time)
    grown = f"{'these' if config.adapts else 'such'} steps make rounding grow" if not shaken <= UNSEEN * way else ""
    repeated = Check(
        f"field at t = {time:.3g}, away from the same steps' by other code",
        min(100 * _size(seen - made) / beside, 1e9),
        None,
        floor=100 * (REPEATED + single + min(shaken / way, UNSEEN)),
        unit="% of its way",
        source="this method written again in NumPy",
        predicted=0.0,
        predicted_by="the method",
        incomparable=still or grown,
    )
    return [away, repeated]


def _growth(config: PhaseFieldConfig, run: FieldRun, time: float) -> float:
    """The factor by which unstable fixed steps have amplified a wave at c = ±1, which should decay; at least 1."""
    if config.adapts:
        return 1.0
    factor = amplification(run.field, config.method, config.step, config.stabilizer, 1.0).abs().max()
    return max(1.0, float(factor)) ** min(round(time / config.step), 300)


def _repeated(config: PhaseFieldConfig, run: FieldRun, grid: Grid, start: np.ndarray, time: float) -> np.ndarray:
    """(n, n) the field after this run's steps up to a time, by independent code."""
    if config.adapts:
        steps = np.diff(run.times[: int(np.searchsorted(run.times, time * (1 - 1e-12))) + 1])
        return exponential(grid, start, steps, 0.5 if run.field.conserved else 0.0)
    count = round(time / config.step)
    if config.method == "euler":
        return explicit(grid, start, config.step, count)
    if config.method == "semi_implicit":
        return semi_implicit(grid, start, config.step, count, config.stabilizer)
    return exponential(grid, start, np.full(count, config.step), config.stabilizer)


def late_share(config: PhaseFieldConfig, order: float = SECOND_ORDER) -> float:
    """The relative timing error of a field whose adaptive steps have timing errors of at most `lateness`: `order` times
    the square of the lateness, because the method is of second order.

    Measured for twelve starts at four tolerances: the residual of the energy balance was 0.01 to 0.9 times the square
    for small steps; 1.6 and once 4.3 times at the default tolerance, where walls form within the first few steps. The
    error of the field was at most 0.6 times the square.
    """
    return order * min(config.lateness, LATENESS) ** 2


def as_steps(config: PhaseFieldConfig, repeated: Check) -> str:
    """The cause of a timing error, if independent code with the same steps has confirmed it; else ""."""
    if repeated.state is not State.AGREES:
        return ""
    if not config.adapts:
        return f"as steps of {config.step:g} run late"
    return f"as steps at a tolerance of {config.tolerance:g} are late" if config.lateness > LATENESS else ""


def _size(c: np.ndarray) -> float:
    """Root mean square; large and finite where c is not finite."""
    value = float(np.sqrt(np.mean(c * c)))
    return value if np.isfinite(value) else 1e9


def frames_check(run: FieldRun) -> Check:
    """The row of the energy of the frame that is farthest off, by independent code, against the one that the run
    reports at its time."""
    field = run.field
    grid = Grid.of(field.size, field.length, field.gamma, field.conserved)
    at = np.searchsorted(run.times, run.frame_times * (1 - 1e-12)).clip(0, len(run.times) - 1)
    all_shown = np.array([grid.energy(frame.astype(float)) for frame in run.frames])
    off = np.abs(all_shown - run.energies[at]) / (np.abs(run.energies[at]) + 0.1)
    worst = int(np.nan_to_num(off, nan=np.inf).argmax())
    shown, recorded = float(all_shown[worst]), float(run.energies[at][worst])
    return Check(
        "energy of the frames, farthest off",
        shown,
        recorded,
        floor=1e-5 * abs(recorded) + 1e-6,
        source="the energy that the run recorded at its time",
    )
