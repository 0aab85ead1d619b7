"""Condensates on the energy page: what they show, chart, refuse and cost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from demos.demo import Progress, Result
from demos.physics.charting import ENERGY, FORCE, Chart, Study
from demos.physics.config import METHOD_LABELS, EnergyConfig
from demos.physics.show.condensate_picture import condensate_picture
from demos.physics.show.condensate_run import condensate_of, follow
from demos.physics.show.condensate_studies import MULTIPLIER
from demos.physics.show.condensate_truths import checks, notes, warnings
from demos.physics.show.field_trace import field_trace

MICROSECONDS = {1: 1.2e2, 2: 3.6e2}  # a step at rest, on 512 and 96² points; rotating ones are complex


def show(config: EnergyConfig, progress: Progress | None = None) -> Result:
    """See `demos.physics.run.run`."""
    with np.errstate(all="ignore"):  # a step without its multiplier may run away
        run = follow(config, progress)
        known = next((r.value for r in run.condensate.system().references if r.name == "energy"), None)
        table = field_trace(METHOD_LABELS["normalized"], run.run.steps.astype(float), run.run.energies,
                            2 * run.run.residuals**2, least=known, evaluations=run.run.steps)
        return Result(condensate_picture(config, run), tuple(checks(config, run)), {"trace": table},
                      tuple(notes(config, run)), tuple(warnings(config, run)))


def charts(config: EnergyConfig) -> tuple[Chart, ...]:
    """Which tables of a run are drawn."""
    over = {"x_title": "step", "log_x": False}
    return (
        replace(ENERGY, y_title="E − E(ground)", sentence="Energy above the table's ground state, or above the end.",
                **over),
        replace(FORCE, y_title="‖∇E‖", sentence="√2 ‖Hφ − μφ‖, the speed of the flow: E is right to its square.",
                **over))


def studies(config: EnergyConfig) -> tuple[Study, ...]:
    """What is computed on demand beside the run."""
    return (MULTIPLIER,)


def check(config: EnergyConfig) -> None:
    """Raise ValueError, in one sentence, where the fields do not go together."""
    condensate_of(config)


def seconds(config: EnergyConfig) -> float:
    """About how long `show` takes on one core: measured, by the points of the grid."""
    one = condensate_of(config)
    cost = MICROSECONDS[one.dimensions] * (2.6 if one.is_complex else 1.0)
    if one.dimensions == 2:
        cost *= (one.points / 96) ** 2
    return 0.1 + 1e-6 * cost * config.iterations + (0.3 if one.is_complex else 0.0)
