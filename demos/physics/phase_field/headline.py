"""The headline of a phase field: one sentence with the number that decides."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from demos.common.numbers import counted, number
from demos.contract import Check, State
from demos.contract.verdict import Verdict
from demos.contract.wording import judgement
from demos.physics.bench.config import method_label
from demos.physics.phase_field.checks import past_limit
from demos.physics.phase_field.config import PhaseFieldConfig
from demos.physics.phase_field.observables import dissolved_radii, drop_counts
from demos.physics.phase_field.simulate import FieldRun


def headline(config: PhaseFieldConfig, runs: Sequence[FieldRun], rows: Sequence[Check]) -> str:
    """The headline of a run, chosen by the state of its rows."""
    lost = next((run for run in runs if run.diverged), None)
    if lost is not None:
        return f"Too large a step for {method_label(config.method)}: the field {lost.diverged.split(' (')[0]}."
    state, first = Verdict.of("", rows).state, next(row for row in rows if row.about == "picture")
    wrong = next((row for row in rows if row.about == "picture" and row.state is State.DIFFERS), None)
    if wrong is not None:
        return f"Not the true flow: {wrong.name}: {judgement(wrong)}."
    climbing = next((run for run in runs if past_limit(config, run) and run.rises), None)
    if climbing is not None:
        past, first_energy, last = past_limit(config, climbing), climbing.energies[0], climbing.energies[-1]
        way = f"the energy {'rose' if last > first_energy else 'fell'} from {first_energy:.4g} to {last:.4g}"
        steps = counted(climbing.rises, "step")
        climb = f"{steps} {'climbs' if climbing.rises == 1 else 'climb'}"
        return f"Too large a step, {past:.2g} times the stability limit: {climb}, and {way}."
    if state is State.PREDICTED:
        return _predicted(config, rows)
    if first.name.startswith("R² falls") and first.agrees:
        return f"R² falls by {first.measured:.3g} a unit of time; curvature flow says {first.truth:.3g}."
    if first.name.startswith("μ of the drop") and first.agrees:
        known = f"the chemical potential {first.measured:.3g}; Gibbs and Thomson say {first.truth:.3g}"
        return f"{_eaten(config, runs[0])} has {known}."
    if first.name.startswith("tension") and first.agrees:
        return f"Walls at rest have the tension {first.measured:.5g}; exact is {first.truth:.5g}."
    early = next(row for row in rows if row.name.startswith("field at"))
    lost_by = max((abs(row.measured) for row in rows if row.name.startswith("energy lost")), default=0.0)
    balance = f"its energy balance is off by {lost_by:.2g} %"
    if state is State.NOT_COMPARABLE:
        reason = next(row for row in rows if row.state is State.NOT_COMPARABLE)
        return f"{reason.name}: not comparable, {reason.incomparable}; {balance}."
    true = f"follows the true flow to {early.measured:.2g} % at first; {balance}"
    lesson = _lesson(config, runs, rows)
    return f"{lesson} It {true}." if lesson else f"It {true}."


def _eaten(config: PhaseFieldConfig, run: FieldRun) -> str:
    """A clause on whether, and when, one of two drops has vanished."""
    counts = drop_counts(run.frames)
    if config.start != "two_discs" or counts[0] != 2 or counts[-1] != 1:
        return "A drop at rest"
    gone = float(run.frame_times[np.flatnonzero(counts < 2)[0]])
    return f"The small drop is gone at t = {gone:,.0f}. The large one"


def _lesson(config: PhaseFieldConfig, runs: Sequence[FieldRun], rows: Sequence[Check]) -> str:
    """A clause with the number that characterizes the config's start; "" where there is none."""
    run, end = runs[0], float(runs[0].frame_times[-1])
    if len(runs) > 1:
        energies = " and ".join(f"{each.energies[-1]:,.0f} ({each.title})" for each in runs)
        drifts = " and ".join(number(_drift(each), digits=2) for each in runs)
        return f"At t = {end:.4g} the energy is {energies}; the mean of c has drifted by {drifts}."
    if config.start == "nucleation":
        counts = drop_counts(run.frames)
        lost, critical = dissolved_radii(run.frames[0], run.frames[-1], run.field.length), 2 * run.field.width
        left = f"Of {counts[0]:.0f} drops {counts[-1]:.0f} are left at t = {end:.4g}"
        if not len(lost):
            return f"{left}; none dissolved."
        which = f"{len(lost)} dissolved, which began at {lost.max() / critical:.2f} R* or less"
        merged = counts[0] - counts[-1] - len(lost)
        return f"{left}: {which}{f', and {merged:.0f} merged' if merged > 0 else ''}."
    wave = next((row for row in rows if row.name.startswith("mean wave length") and row.agrees), None)
    if wave is not None:
        last = run.domain_lengths[1][-1]
        when = wave.name.partition(" at ")[2]
        return (
            f"The first pattern has the wave length {wave.measured:.3g} ({when}), theory {wave.truth:.3g}; "
            f"at t = {end:.4g} it is {last:.3g}."
        )
    return ""


def _drift(run: FieldRun) -> float:
    """The change of the mean of c; below 1e-9 it is rounding."""
    first, last = (float(run.field.mass(x)) for x in run.path.states[[0, -1], 0:1])
    return last - first if abs(last - first) > 1e-9 else 0.0


def _predicted(config: PhaseFieldConfig, rows: Sequence[Check]) -> str:
    slow = next((row for row in rows if row.name.startswith("R² falls") and row.state is State.PREDICTED), None)
    if slow is not None and slow.truth:
        times, why = slow.truth / slow.measured, "as this step predicts" if slow.predicted else slow.explained
        return (
            f"A wrong clock: the disc shrinks {times:.2g} times too slowly "
            f"({slow.measured:.3g} instead of {slow.truth:.3g}), {why}."
        )
    row = next(row for row in rows if row.state is State.PREDICTED)
    return f"Off the true flow: {row.name} is {row.measured:.3g}, {judgement(row).removeprefix('off the truth, ')}."
