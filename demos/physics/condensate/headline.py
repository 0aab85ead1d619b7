"""The headline of a condensate: one sentence with the number that decides."""

from __future__ import annotations

from collections.abc import Sequence

from demos.contract import Check, State
from demos.contract.verdict import Verdict
from demos.contract.wording import judgement
from demos.physics.condensate.checks import unsettled
from demos.physics.condensate.config import CondensateConfig
from demos.physics.condensate.observables import angular_momentum
from demos.physics.condensate.simulate import CondensateRun


def headline(config: CondensateConfig, run: CondensateRun, rows: Sequence[Check]) -> str:
    """The headline of a run, chosen by the state of its rows."""
    if not run.finite:
        return f"The flow ran away: {run.path.status}."
    state = Verdict.of("", rows).state
    wrong = next((row for row in rows if row.about == "picture" and row.state is State.DIFFERS), None)
    if wrong is not None:
        return f"Not the right state: {wrong.name}: {judgement(wrong)}."
    named = {row.name: row for row in rows}
    mu = named.get("chemical potential")
    counted = named.get("vortices inside 0.4 to 0.7 radii")
    if counted is not None:
        total = len(run.vortices[-1][1])
        rigid = run.condensate.rotation * float(run.condensate.width_rms(run.end)) ** 2
        share = float(angular_momentum(run.condensate, run.end)) / rigid
        first = f"{total} {'vortex carries' if total == 1 else 'vortices carry'} {share:.0%} of a solid body's rotation"
        if counted.state is State.NOT_COMPARABLE:
            return f"{first}; not compared with Feynman's rule: {counted.incomparable}."
        return f"{first}; in its inner part {counted.measured:.1f} are counted, theory expects {counted.truth:.1f}."
    if mu is None:
        return f"No state is known to stand beside this one: {unsettled(run) or 'its vortices have moved'}."
    if state is State.PREDICTED and mu.truth is not None:
        return f"At rest in another state: μ = {mu.measured:.6g}, exact {mu.truth:.6g}, {mu.explained}."
    if mu.state is State.NOT_COMPARABLE:
        return f"Not yet the state it will be: {mu.incomparable}."
    if mu.truth is None:
        return f"μ = {mu.measured:.7g}; {mu.why}."
    momentum = named.get("angular momentum")
    spin = f" One vortex carries {momentum.measured:.4g} ħ." if momentum is not None and momentum.truth == 1 else ""
    return f"At rest with μ = {mu.measured:.8g}; an independent solver says {mu.truth:.8g}.{spin}"
