"""The charts of a run of the condensate: which of its tables are drawn, and how."""

from __future__ import annotations

from dataclasses import replace

from demos.contract import Chart
from demos.physics.bench.run_charts import ENERGY, FORCE, STEPS, WORK
from demos.physics.condensate.config import CondensateConfig


def charts(config: CondensateConfig) -> tuple[Chart, ...]:
    """The charts of a run."""
    over = {"x_title": "step", "log_x": False}
    if config.condensate.is_complex:
        y_title = "E − E(least)"
        sentence = (
            "Energy above what no state can fall below, Ω + ⅔√((1 − Ω²)β/π); vortices settle on a plateau over it."
        )
    else:
        y_title = "E − E(ground)"
        sentence = "Energy above the ground state of the table, or above what the end of the run may still fall to."
    return (
        replace(ENERGY, y_title=y_title, sentence=sentence, **over),
        replace(FORCE, y_title="‖∇E‖", sentence="√2 ‖Hφ − μφ‖, the speed of the flow: 0 in a state at rest.", **over),
        replace(STEPS, y_title="h", sentence="The normalized flow takes equal steps.", **over),
        replace(WORK, y_title=y_title, x_title="gradients"),
    )
