"""One sentence that judges the picture of a phase field, with the number that decides."""

from __future__ import annotations

from collections.abc import Sequence

from demos.contract import Check, State
from demos.contract.verdict import Verdict
from demos.contract.wording import judgement
from demos.physics.bench.config import method_label
from demos.physics.phase_field.config import PhaseFieldConfig
from demos.physics.phase_field.simulate import FieldRun


def headline(config: PhaseFieldConfig, runs: Sequence[FieldRun], rows: Sequence[Check]) -> str:
    """From the state of the rows, which decides."""
    lost = next((run for run in runs if run.diverged), None)
    if lost is not None:
        return f"Too large a step for {method_label(config.method)}: the field {lost.diverged.split(' (')[0]}."
    state, first = Verdict.of("", rows).state, next(row for row in rows if row.about == "picture")
    wrong = next((row for row in rows if row.about == "picture" and row.state is State.DIFFERS), None)
    if wrong is not None:
        return f"Not the true flow: {wrong.name}: {judgement(wrong)}."
    if state is State.PREDICTED:
        return _predicted(config, rows)
    if first.name.startswith("R² falls") and first.agrees:
        return f"R² falls by {first.measured:.3g} a unit of time; curvature flow says {first.truth:.3g}."
    if first.name.startswith("μ of the drop") and first.agrees:
        return (
            f"A drop at rest: its chemical potential is {first.measured:.3g}, Gibbs and Thomson say {first.truth:.3g}."
        )
    if first.name.startswith("tension") and first.agrees:
        return f"Walls at rest have the tension {first.measured:.5g}; exact is {first.truth:.5g}."
    early = next(row for row in rows if row.name.startswith("field at"))
    lost_by = max((abs(row.measured) for row in rows if row.name.startswith("energy lost")), default=0.0)
    clock = f"its clock lost {lost_by:.2g} % of the fall"
    if state is State.NOT_COMPARABLE:
        reason = next(row for row in rows if row.state is State.NOT_COMPARABLE)
        return f"{reason.name}: not comparable, {reason.incomparable}; {clock}."
    return f"This is the true flow: {early.measured:.2g} % of the way off it at first, and {clock}."


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
