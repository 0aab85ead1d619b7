"""The rows under the picture: measured value, true value, prediction for the method and step; by relevance."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from demos.common.numbers import counted, number
from demos.contract import Check, State
from demos.langevin.checks_acceptance import acceptance, from_the_same_places, stuck
from demos.langevin.checks_frames import moments_of_frames
from demos.langevin.checks_free_energy import free_energy_checks
from demos.langevin.checks_histogram import histogram
from demos.langevin.checks_losses import loss_checks, runaways
from demos.langevin.checks_means import ALONG, means
from demos.langevin.checks_moves import moves
from demos.langevin.checks_variances import momentum, variances
from demos.langevin.comparison import Comparison
from demos.langevin.reference.density_evolution import DensityEvolution
from demos.langevin.samplers import has_momentum
from demos.langevin.setup import Setup
from demos.langevin.simulate import MethodRun


@dataclass(frozen=True)
class Rows:
    """All rows of one run, grouped by subject."""

    losses: list[Check]
    runaways: list[Check]
    variances: list[Check]
    energy: list[Check]  # free energy
    means: list[Check]
    histogram: list[Check]
    moves: list[Check]
    momentum: list[Check]
    acceptance: list[Check]


def checks_of(
    setup: Setup, run: MethodRun, comparison: Comparison, evolution: DensityEvolution | None, brief: bool = False
) -> list[Check]:
    """The rows of a run; `brief`: only the first few, for a run compared with another."""
    lost = loss_checks(setup, run, comparison)
    away = [] if lost else runaways(setup, run, comparison)
    ended = run.lost > 0
    rows = Rows(
        losses=lost,
        runaways=away,
        variances=[] if ended else variances(setup, run, comparison),
        energy=[] if ended or brief else free_energy_checks(setup, run, comparison),
        means=[] if ended else means(setup, run, comparison),
        histogram=[] if ended else histogram(setup, run, comparison, evolution) + moments_of_frames(setup, run),
        moves=moves(setup, run) + from_the_same_places(setup, run),
        momentum=[] if ended else momentum(setup, run),
        acceptance=acceptance(setup, run),
    )
    ordered = _marked(setup, run, _ordered(setup, rows), rows)
    if brief:
        first = ordered[:3] + rows.acceptance
        return list({row.name: row for row in first + [r for r in ordered if r.state is State.DIFFERS]}.values())
    return ordered


def _ordered(setup: Setup, rows: Rows) -> list[Check]:
    """The rows in order: first the three most relevant to this config, without two that measure the same effect."""
    shares = [row for row in rows.means if row.name.startswith("fraction")]
    energy = [row for row in rows.means if "⟨U⟩" in row.name]
    others = [row for row in rows.means if row not in shares and row not in energy]
    lead = rows.losses + rows.runaways
    if setup.config.start == "equilibrium":
        rest = rows.variances[:1] + shares[:1] + rows.acceptance + rows.variances[1:] + energy + rows.histogram
    else:
        rest = rows.energy + shares[:2] + rows.variances[::-1] + energy + rows.histogram + rows.acceptance
        if has_momentum(setup.config.method) and setup.is_quadratic:  # the picture shows the oscillation
            rest = [row for row in others if row.name == ALONG] + rest
    if setup.landscape.name == "funnel" and not rows.losses:  # the share in its neck is the most informative
        lead = shares[:1] + lead
    rest += rows.moves + shares + rows.momentum + others + rows.energy
    ordered: list[Check] = []
    for row in lead + rest:
        if row not in ordered:
            ordered.append(row)
    return ordered


def _marked(setup: Setup, run: MethodRun, ordered: list[Check], rows: Rows) -> list[Check]:
    """The rows; where particles diverged or never moved, marked with that as the reason why averages differ."""
    averages = rows.variances + rows.energy + rows.means + rows.histogram
    reason = stuck(run)
    if reason:
        changed = [*averages, *rows.momentum]
        return [replace(row, incomparable=reason) if row in changed else row for row in ordered]
    if not rows.runaways:
        return ordered
    away = rows.runaways[0]
    count = round(away.measured * setup.config.particles)
    far = float(np.abs(run.states[-1]).max())
    words = f"{count:,} of {counted(setup.config.particles, 'particle')} ran away, the farthest to {number(far)}"

    def marked(row: Check) -> Check:
        if row not in averages:
            return row
        plain = replace(row, predicted=None)
        if away.state is State.PREDICTED and plain.state is State.DIFFERS:
            return replace(plain, explained=f"because {words}")
        return replace(row, incomparable=f"{words}, and no average means anything")

    return [marked(row) for row in ordered]
