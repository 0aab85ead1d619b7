"""The headline, notes and warnings of a run of spins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from demos.common.numbers import number
from demos.contract import Check, State
from demos.physics.bench.rods import trouble
from demos.physics.bench.vortices import winding_numbers
from demos.physics.xy_magnet.checks import PINNED
from demos.physics.xy_magnet.config import XYMagnetConfig
from demos.physics.xy_magnet.meeting import meeting
from demos.physics.xy_magnet.reference import T_BKT
from demos.physics.xy_magnet.simulate import SpinPath, stability_limit
from demos.physics.xy_magnet.warm_checks import Partners


def pairs_of(count: float) -> str:
    """1 pair, 44 pairs, 1.9 pairs"""
    if count == int(count):
        return f"{int(count):,} pair{'' if count == 1 else 's'}"
    return f"{number(count, digits=2)} pairs"


def headline(config: XYMagnetConfig, run: SpinPath, rows: Sequence[Check], met: Partners | None) -> str:
    """The headline of a run: one sentence with the number that decides."""
    words = trouble([row for row in rows if row.about == "picture"])
    if words:
        return words
    return warm_headline(config, rows, met) if met is not None else cold_headline(config, run, rows)


def warm_headline(config: XYMagnetConfig, rows: Sequence[Check], met: Partners) -> str:
    side = "below" if config.kT < T_BKT else "above"
    energy = (
        " The energy is that of a long Monte Carlo run."
        if any(row.agrees and "energy a" in row.name for row in rows)
        else ""
    )
    where = f"At kT = {config.kT:g}, {side} {T_BKT}"
    if met.crowded:
        return f"{where}, vortices are everywhere.{energy}"
    if not len(met.distances):
        return f"{where}, no vortex was seen.{energy}"
    most = number(met.farthest, digits=2)
    far = f"no partners farther than {most} sites apart"
    if met.far:
        far = f"{number(100 * met.far, digits=2)} % farther than 2 sites apart, up to {most}"
    return f"{where}: {pairs_of(met.pairs)} on average, {far}.{energy}"


def cold_headline(config: XYMagnetConfig, run: SpinPath, rows: Sequence[Check]) -> str:
    end, left = float(run.times[-1]), int(run.pairs[-1])
    first = rows[0]
    if first.name.startswith("the pair meets"):
        return (
            f"The pair met at t = {number(first.measured)}; an independent solution of the flow says "
            f"{number(first.truth or 0.0)}."
        )
    if config.start == "pair":
        return f"Still one pair at t = {number(end)}: it will meet at t = {number(meeting(config.side))}."
    if left:
        return f"Of {pairs_of(run.pairs[0])} {left:,} {'is' if left == 1 else 'are'} left at t = {number(end)}."
    x, y = (abs(int(n)) for n in winding_numbers(run.end))
    twist = f"{_turns(x)} along x and {_turns(y)} along y are left" if x or y else "No vortex and no twist is left"
    energy = next(row for row in rows if row.name == "energy at the end")
    if energy.state is State.AGREES:
        above = energy.measured - run.model.ground_state
        over = f", {number(above, digits=3)} J above all parallel" if x or y else ""
        return f"{twist}{over}, with the energy that theory gives: {number(energy.measured, 2)} J."
    return f"{twist} at t = {number(end)}; waves still decay."


def _turns(count: int) -> str:
    return "no turn" if not count else "one turn" if count == 1 else f"{count} turns"


def notes(config: XYMagnetConfig, run: SpinPath) -> tuple[str, ...]:
    pairs, model = run.pairs, run.model
    if config.kT > 0:
        side = "below" if config.kT < T_BKT else "above"
        return (
            f"kT = {config.kT:g} is {side} T = {T_BKT}, at which pairs of vortices come apart. With noise the "
            "gradient flow is overdamped Langevin dynamics: the same equation as on the Langevin page.",
        )
    force, end = float(run.system.force(run.end)[0]), number(float(run.times[-1]))
    if pairs[0] and pairs[-1] == pairs[0]:
        one = pairs[0] == 1
        still = f"{'it still moves' if one else 'they still move'}, with torques up to {number(force, digits=2)} J"
        if force < PINNED:
            still = f"nothing moves any more: the lattice pins {'it' if one else 'them'}"
        who = "The pair has not" if one else f"None of the {pairs[0]:,} pairs has"
        return (f"{who} met by t = {end}: {still}.",)
    slowest = (model.size / (2 * np.pi)) ** 2 / model.coupling
    return (
        f"Followed to t = {end}, where the largest torque is {number(force, digits=2)} J. The longest wave "
        f"needs (L/2π)²/J = {slowest:.3g} to fall by a factor of e.",
    )


def warnings(run: SpinPath) -> tuple[str, ...]:
    limit = stability_limit()
    if run.step <= limit:
        return ()
    return (
        f"The step {run.step:g} is {run.step / limit:.2g} × the stability limit 2/L = {limit:g}: "
        "neighbours overshoot each other, and a checkerboard grows.",
    )
