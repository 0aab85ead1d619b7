"""Checks of the displacements of particles from frame to frame, against a replay by independent code."""

from __future__ import annotations

import numpy as np

from demos.common.tails import chi_squared_exceeded_with
from demos.contract import Check
from demos.langevin.reference.move_numbers import KICKS, PULL, SIZE
from demos.langevin.reference.moves import compare_moves
from demos.langevin.replicas import cost_of, dynamics_of
from demos.langevin.settling import is_settled
from demos.langevin.setup import Setup
from demos.langevin.simulate import MethodRun

RARE = 6.3e-5  # the probability of four standard errors
CLEAR = 12.0  # standard errors of the displacement along the force, from which it has its own row
SOURCE = "the same moves made again by other code"
ROUNDING = 1e-5
ROWS = {
    KICKS: ("strength of the random kicks between frames", "The variance of what is random in the moves"),
    SIZE: ("size of the moves between frames, squared", "The mean square of the moves"),
    PULL: ("pull of the force between frames", "How far the moves lean along −∇U"),
}


def moves(setup: Setup, run: MethodRun) -> list[Check]:
    """Rows of the displacements: their size, their component along the force, and their other statistics together."""
    config = setup.config
    frames = np.round(run.times / config.step).astype(int)
    settled = setup.is_constant and (config.start == "equilibrium" or is_settled(setup, run))
    late = float(np.abs(run.times / config.step - frames).max())
    if late > 1e-6 * max(1, frames[-1]) or (np.diff(frames) < 1).any() or frames[-1] != run.path.steps:
        planned = run.path.steps * config.step
        return [Check("time of the last frame", run.end, planned, 0.0, 1e-9 * planned, source="steps × step size")]
    found = compare_moves(
        dynamics_of(setup, run),
        run.path.states,
        run.path.momenta,
        frames,
        cost_of(setup, run),
        config.seed,
        settled,
    )
    if found is None:
        return []
    rows, own = [], []
    for i, (name, note) in ROWS.items():
        value, expected, error = found.values[i], found.predicted[i], found.errors[i]
        if (i == SIZE and KICKS in own) or not np.isfinite(error) or abs(expected) <= CLEAR * error:
            continue
        own.append(i)
        rows.append(
            Check(
                name,
                value / expected,
                None,
                error / abs(expected),
                ROUNDING,
                source=SOURCE,
                predicted=1.0,
                predicted_by="this step",
                note=f"{note}, over what it must be; {found.pairs:,} moves.",
            )
        )
    each, count, less = found.chi_square(tuple(own))
    if count:
        rows.append(
            Check(
                f"drift and correlations of these moves, χ² of {count}",
                each,
                None,
                0.0,
                chi_squared_exceeded_with(RARE, count) / count - 1,
                source=SOURCE,
                predicted=1.0,
                predicted_by="chance",
                percentile=100 * less,
            )
        )
    return rows
