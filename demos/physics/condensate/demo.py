"""Condensates on the energy page: what they show, chart, refuse and cost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from demos.common.progress import Progress
from demos.contract import Result
from demos.contract.charts import ENERGY, FORCE, STEPS, WORK, Chart, Study
from demos.physics.bench.field_trace import field_trace
from demos.physics.condensate.checks import checks, notes, reference_energy, warnings
from demos.physics.condensate.picture import condensate_picture
from demos.physics.condensate.run import condensate_of, follow
from demos.physics.condensate.studies import MULTIPLIER
from demos.physics.config import METHOD_LABELS, EnergyConfig

MICROSECONDS = {1: 1.2e2, 2: 3.6e2}  # a step at rest, on 512 and 96² points; rotating ones are complex


def show(config: EnergyConfig, progress: Progress | None = None) -> Result:
    """See `demos.physics.run.run`."""
    with np.errstate(all="ignore"):  # a step without its multiplier may run away
        run = follow(config, progress)
        table = field_trace(
            METHOD_LABELS["normalized"],
            run.run.steps.astype(float),
            run.run.energies,
            2 * run.run.residuals**2,
            least=reference_energy(run),
            evaluations=run.run.steps,
        )
        table["step"] = config.step
        return Result(
            condensate_picture(config, run),
            tuple(checks(config, run, progress)),
            {"trace": table},
            tuple(notes(config, run)),
            tuple(warnings(config, run)),
        )


def charts(config: EnergyConfig) -> tuple[Chart, ...]:
    """Which tables of a run are drawn."""
    over = {"x_title": "step", "log_x": False}
    if condensate_of(config).is_complex:
        above = {
            "y_title": "E − E(least)",
            "sentence": "Energy above what no state can fall below, "
            "Ω + ⅔√((1 − Ω²)β/π); vortices settle on a plateau over it.",
        }
    else:
        above = {
            "y_title": "E − E(ground)",
            "sentence": "Energy above the ground state of the table, or above what "
            "the end of the run may still fall to.",
        }
    return (
        replace(ENERGY, **above, **over),
        replace(FORCE, y_title="‖∇E‖", sentence="√2 ‖Hφ − μφ‖, the speed of the flow: 0 in a state at rest.", **over),
        replace(STEPS, y_title="h", sentence="The normalized flow takes equal steps.", **over),
        replace(WORK, y_title=above["y_title"], x_title="gradients"),
    )


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
