"""Headlines: one sentence on a run of particles or rods, made from its rows."""

from __future__ import annotations

import numpy as np

from demos.common.numbers import number
from demos.contract import Check, State
from demos.physics.bench.config import method_label
from demos.physics.bench.endpoint import Endpoint, is_same, unfinished
from demos.physics.bench.flow_checks import CLOCK
from demos.physics.bench.method_run import MethodRun
from demos.physics.bench.system import Reference


def run_headline(run: MethodRun, end: Endpoint, best: Reference | None, checks: list[Check], past: float = 0.0) -> str:
    """The headline: how the run ended, its energy above the best known one, and the residual of its energy balance
    where that is too large.

    checks: the rows of this run. past: its step as a multiple of the stability limit where it is larger, else 0.
    """
    if run.status.diverged:
        return f"{method_label(run.method)} {run.status.message}: there is no end to judge."
    clock = next((check for check in checks if check.name == CLOCK), None)
    if past:
        return _past_limit(run, end, past, clock)
    words = end_words(end, best)
    if clock is None or clock.state is State.AGREES:
        return f"{words}."
    if clock.state is State.DIFFERS:
        return f"Not the true flow: {_lost(clock)}, which nothing explains. {words}."
    if clock.state is State.NOT_COMPARABLE:
        return f"{words}, but the way there is no flow: {clock.incomparable}."
    why = "as this step predicts" if clock.predicted is not None else "as its tolerance allows"
    return f"{words}, but {_lost(clock)}, {why}."


def end_words(end: Endpoint, best: Reference | None) -> str:
    """How a run ended, in words, without the full stop."""
    reason = unfinished(end)
    if reason:
        known = end.energy - best.value if best is not None else float("nan")
        above = f"; E is {number(known, digits=3)} above the best known" if known > 0 and not end.disconnected else ""
        return f"{reason[:1].upper()}{reason[1:]}{above}"
    assert end.certificate is not None
    energy = number(end.energy, digits=6)
    if not end.certificate.is_minimum:
        ways = "one way" if end.certificate.negative == 1 else f"{end.certificate.negative} ways"
        return f"At rest on a saddle, E = {energy}: {ways} down are left"
    if best is None:
        return f"A minimum, E = {energy}; no table says whether it is the lowest"
    if is_same(end.energy, best):
        return f"The best known minimum, E = {energy}"
    gap = number(abs(end.energy - best.value), digits=3)
    if end.energy < best.value:
        return f"E = {energy}, {gap} below the best known: a new record, or an error"
    return f"A minimum, {gap} above the best known, {number(best.value, digits=6)}"


def _past_limit(run: MethodRun, end: Endpoint, past: float, clock: Check | None) -> str:
    """The headline for a step beyond the stability limit: its effect, and whether that was predicted."""
    step = f"Too large a step, {number(past, digits=3)} times the stability limit"
    if end.certificate is not None:
        what = "it came to rest all the same"
    elif end.disconnected or not np.isfinite(end.energy):
        what = "it flies apart"
    else:
        what = f"it does not come to rest (largest force {number(end.force, digits=2)})"
    if clock is None or clock.state is not State.PREDICTED:
        return f"{step}: {what}."
    return f"{step}: {what}, and {_lost(clock)}, as predicted."


def _lost(clock: Check) -> str:
    """A clause on the residual of the energy balance."""
    share = abs(clock.measured)
    amount = f"{number(share, digits=2)} %" if share < 1000 else f"{number(share / 100, digits=3)} times"
    return f"the energy balance is off by {amount} {'of the fall' if share < 1000 else 'the fall'}"
