"""What the picture shows early on, beside the true flow; and the area that a drawing loses by its curves."""

from __future__ import annotations

from math import pi

import numpy as np

from demos.contract import Check
from demos.physics.phase_field.config import PhaseFieldConfig
from demos.physics.phase_field.fourth_order import Grid, explicit, exponential, followed, semi_implicit
from demos.physics.phase_field.simulate import FieldRun

TRUE = "fourth-order exponential steps, J. Comput. Phys. 176 (2002) 430, by other code"
SHARE = 0.25  # of the lateness that a chosen step may have: what is left of it in the field
EXACT = 5e-3  # of the way: what frames in single precision and both methods' rounding may differ
MOST_REPEATED = 400  # steps that are repeated by other code: a tenth of a second or so
LOOSE = 1e-4  # tolerances above it make steps that are knowingly late
SMALLEST = 8  # walls that a domain must have as its radius for a sharp wall's law
CURVES = "Gage & Hamilton 1986; Allen & Cahn 1979: dA/dt = −2πγ, once for each closed curve, with its sign"


def early_frame(config: PhaseFieldConfig, run: FieldRun) -> int:
    """The frame nearest to the time in which the fastest waves grow by e: about 4γ in H⁻¹ and 1 in L²;
    of small steps of a given size, after the first `MOST_REPEATED`."""
    goal = min(4 * run.field.gamma if run.field.conserved else 1.0, run.frame_times[-1])
    if not config.adapts:
        goal = min(goal, MOST_REPEATED * config.step)
    return max(int(np.abs(run.frame_times - goal).argmin()), 1)


def early_check(config: PhaseFieldConfig, run: FieldRun) -> Check:
    """How far the field is from the true flow's, as a share of the way that this has made by then.

    Steps of a given size have a prediction of their own: the same steps by other code.
    """
    field, frame = run.field, early_frame(config, run)
    time, start = float(run.frame_times[frame]), run.start[0].double().numpy()
    grid = Grid.of(field.size, field.length, config.gamma, field.conserved)
    exact, seen = followed(grid, start, time), run.frames[frame].astype(float)
    way = max(_size(exact - start), 1e-300)
    predicted, explained, floor = None, "", EXACT
    if config.adapts:
        floor += SHARE * config.lateness
        explained = f"as steps at a tolerance of {config.tolerance:g} are late" if config.tolerance > LOOSE else ""
    else:
        steps = round(time / config.step)
        if config.method == "euler":
            made = explicit(grid, start, config.step, steps)
        elif config.method == "semi_implicit":
            made = semi_implicit(grid, start, config.step, steps, config.stabilizer)
        else:
            made = exponential(grid, start, config.step, steps, config.stabilizer)
        predicted = 100 * _size(made - exact) / way
        explained = ""
        if np.isfinite(predicted) and _size(seen - made) > EXACT * max(way, _size(made - exact)):
            predicted = None  # as far from the truth as predicted, but not where these steps lead
    still = "" if way > 1e-4 else f"by t = {time:.3g} the field has moved by {way:.1g} only"
    return Check(
        f"field at t = {time:.3g}, away from the true flow's",
        min(100 * _size(seen - exact) / way, 1e9),
        0.0,
        floor=100 * floor,
        unit="% of its way",
        source=TRUE,
        predicted=predicted,
        predicted_by="this step",
        explained=explained,
        incomparable=still,
    )


def _size(c: np.ndarray) -> float:
    """Root mean square; large and finite where c is not finite."""
    value = float(np.sqrt(np.mean(c * c)))
    return value if np.isfinite(value) else 1e9


def end_check(run: FieldRun) -> Check:
    """The energy of the last picture, by other code, beside the one that the run reports."""
    field = run.field
    grid = Grid.of(field.size, field.length, field.gamma, field.conserved)
    shown = grid.energy(run.frames[-1].astype(float))
    told = float(run.energies[-1])
    at_end = abs(run.frame_times[-1] - run.times[-1]) <= 1e-9 * max(run.times[-1], 1.0)
    return Check(
        "energy of the last picture",
        shown,
        told,
        floor=1e-5 * abs(told) + 1e-6,
        source="the run's own energy, told apart from the picture",
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
