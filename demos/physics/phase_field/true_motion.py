"""What the picture shows early on, beside the true flow; and the area that a drawing loses by its curves."""

from __future__ import annotations

from math import pi

import numpy as np

from demos.contract import Check, State
from demos.physics.bench.flow_checks import UNSEEN
from demos.physics.phase_field.amplification import amplification
from demos.physics.phase_field.config import LATENESS, PhaseFieldConfig
from demos.physics.phase_field.fourth_order import Grid, explicit, exponential, followed, semi_implicit
from demos.physics.phase_field.simulate import FieldRun

TRUE = "fourth-order exponential steps, J. Comput. Phys. 176 (2002) 430, by other code"
EXACT = 1e-3  # of the way: what the true flow's own 60 steps leave open
SINGLE = 4e-7  # of frames in single precision, times the largest value
MOST_REPEATED = 400  # steps that are repeated by other code: a tenth of a second or so
REPEATED = 1e-4  # of the way: rounding that waves which grow have made larger
SHAKEN = 1e-14  # what both codes' rounding makes of a field: steps that are not stable make it grow
SECOND_ORDER = 2.0  # times the square of the lateness of a step: see `late_share`
SMALLEST = 8  # walls that a domain must have as its radius for a sharp wall's law
CURVES = "Gage & Hamilton 1986; Allen & Cahn 1979: dA/dt = −2πγ, once for each closed curve, with its sign"


def early_frame(config: PhaseFieldConfig, run: FieldRun) -> int:
    """The frame nearest to the time in which the fastest waves grow by e: about 4γ in H⁻¹ and 1 in L²;
    of small steps of a given size, after the first `MOST_REPEATED`."""
    goal = min(4 * run.field.gamma if run.field.conserved else 1.0, run.frame_times[-1])
    if not config.adapts:
        goal = min(goal, MOST_REPEATED * config.step)
    return max(int(np.abs(run.frame_times - goal).argmin()), 1)


def early_checks(config: PhaseFieldConfig, run: FieldRun) -> list[Check]:
    """How far the field is from the true flow's, as a share of the way that this has made by then; and from that of the
    very same steps by other code, which says what this method must give."""
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
    """By how much steps of a given size have made the fastest wave of a phase at rest grow, which should decay."""
    if config.adapts:
        return 1.0
    factor = amplification(run.field, config.method, config.step, config.stabilizer, 1.0).abs().max()
    return max(1.0, float(factor)) ** min(round(time / config.step), 300)


def _repeated(config: PhaseFieldConfig, run: FieldRun, grid: Grid, start: np.ndarray, time: float) -> np.ndarray:
    """(n, n) where this run's steps up to a time must lead, by other code."""
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
    """Of its way, by how much a field is late whose steps are late by `lateness` of their length at most, up to that of
    the default tolerance. They are of second order, so it goes with the square, times `order`.

    Of twelve starts followed at four tolerances the clock lost 0.01 to 0.9 of the square where steps are fine; 1.6,
    once 4.3, at the default tolerance, where walls take their shape within the first few steps. The field itself was
    off by 0.6 of it at most.
    """
    return order * min(config.lateness, LATENESS) ** 2


def as_steps(config: PhaseFieldConfig, repeated: Check) -> str:
    """Why the clock of this run is off, where other code with the very same steps has shown it; else nothing."""
    if repeated.state is not State.AGREES:
        return ""
    if not config.adapts:
        return f"as steps of {config.step:g} lose of this clock"
    return f"as steps at a tolerance of {config.tolerance:g} are late" if config.lateness > LATENESS else ""


def _size(c: np.ndarray) -> float:
    """Root mean square; large and finite where c is not finite."""
    value = float(np.sqrt(np.mean(c * c)))
    return value if np.isfinite(value) else 1e9


def end_check(run: FieldRun) -> Check:
    """The energy of the last picture, by other code, beside the one that the run reports."""
    field = run.field
    grid = Grid.of(field.size, field.length, field.gamma, field.conserved)
    shown = grid.energy(run.frames[-1].astype(float))
    recorded = float(run.energies[-1])
    at_end = abs(run.frame_times[-1] - run.times[-1]) <= 1e-9 * max(run.times[-1], 1.0)
    return Check(
        "energy of the last picture",
        shown,
        recorded,
        floor=1e-5 * abs(recorded) + 1e-6,
        source="the energy that the run recorded, not that of the picture",
        incomparable="" if at_end else "the last picture is before the end of the run",
    )


def curve_number(inside: np.ndarray) -> int:
    """Closed curves around a mask (n, n) on the torus, those around holes counted −1: its Euler characteristic."""
    right, up = np.roll(inside, -1, 1), np.roll(inside, -1, 0)
    corner = np.roll(up, -1, 1)
    faces = (inside & right & up & corner).sum()
    return int(inside.sum()) - int((inside & right).sum()) - int((inside & up).sum()) + int(faces)


def curve_checks(config: PhaseFieldConfig, run: FieldRun) -> list[Check]:
    """Of a drawing in L²: the area that its closed curves take, over the longest time in which their number stays."""
    if config.start != "drawn" or run.field.conserved:
        return []
    field, times = run.field, run.frame_times
    settled = times >= min(4.0, 0.2 * times[-1])
    numbers = np.array([curve_number(frame > 0) for frame in run.frames])
    area = 0.5 * (1 + run.frames.mean((-2, -1), dtype=np.float64)) * field.length**2
    changes = np.flatnonzero(np.diff(np.r_[~settled[0], numbers[1:] != numbers[:-1]]))
    edges = np.r_[int(np.argmax(settled)), changes[changes > np.argmax(settled)], len(times) - 1]
    longest = int(np.argmax(np.diff(times[edges]))) if len(edges) > 1 else 0
    first, last = int(edges[longest]) + 1, int(edges[min(longest + 1, len(edges) - 1)]) - 1
    name = "area lost by the closed curves, a unit of time"
    if last - first < 4:
        reason = "no closed curve lasts long enough"
        return [Check(name, 0.0, 0.0, source=CURVES, incomparable=reason)]
    number = int(numbers[first])
    smallest = np.sqrt(min(area[last], field.length**2 - area[last], area[first]) / pi / max(abs(number), 1))
    walls = smallest / field.width
    slope = -float(np.polyfit(times[first : last + 1], area[first : last + 1], 1)[0])
    exact = 2 * pi * config.gamma * number
    thick = "" if walls >= SMALLEST else f"its domains are only {walls:.1f} walls in radius: a law of thin walls"
    return [
        Check(
            name,
            slope,
            exact,
            floor=0.04 * 2 * pi * config.gamma * max(abs(number), 1),
            source=CURVES,
            incomparable=thick,
        )
    ]
