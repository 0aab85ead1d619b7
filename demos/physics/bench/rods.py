"""Functions shared by the verdicts of chains and columns: whether a run is at rest, its rows, its headline if not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from demos.common.numbers import number
from demos.contract import Check, State
from demos.physics.bench.endpoint import Endpoint, endpoint_checks
from demos.physics.bench.method_run import MethodRun
from demos.physics.bench.system import Reference, System


def unrest(run: MethodRun, end: Endpoint, past: float = 0.0) -> str:
    """The reason why the end of a run is not at rest; "" where it is. past: the step as a multiple of the stability
    limit where it is larger, else 0."""
    if run.status.diverged:
        return run.status.message
    if not np.isfinite(end.force):
        return "no finite state is left"
    if end.certificate is not None:
        return ""
    when = f"after {int(run.x[-1]):,} iterations" if run.iterates else f"at t = {number(float(run.x[-1]))}"
    reason = f", with a step {number(past)} × the stability limit" if past else ""
    return f"not at rest {when}: the largest force is {number(end.force, digits=2)}{reason}"


def rest_rows(system: System, end: Endpoint, best: Reference, above: str, unit: str = "") -> list[Check]:
    """`endpoint_checks` of a system that has one minimum, or two mirror images; a higher energy is then an error."""
    rows = endpoint_checks(system, end, best, symmetry="its ends are held", above=above, unit=unit)
    return [replace(row, explained="") for row in rows]


def trouble(rows: Sequence[Check]) -> str:
    """The headline of a run with a row that differs, or that cannot be compared; "" where there is none."""
    red = next((row for row in rows if row.state is State.DIFFERS), None)
    if red is not None:
        wanted = red.truth if red.predicted is None else red.predicted
        assert wanted is not None
        seen, due = number(red.measured), number(wanted)
        if seen == due:
            return f"Not as it should be: {red.name} is {number(red.measured - wanted, digits=2)} off {due}."
        return f"Not as it should be: {red.name} is {seen}, {due} was expected."
    moving = next((row for row in rows if row.state is State.NOT_COMPARABLE), None)
    return "" if moving is None else f"{moving.incomparable[:1].upper()}{moving.incomparable[1:]}."
