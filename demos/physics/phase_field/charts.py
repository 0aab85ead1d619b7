"""The charts of a run of the phase field: which of its tables are drawn, and how."""

from __future__ import annotations

from dataclasses import replace

from demos.contract import Chart
from demos.physics.bench.run_charts import ENERGY, FORCE, IDENTITY, STEPS, WORK
from demos.physics.phase_field.config import PhaseFieldConfig

LENGTH = Chart(
    "length",
    "Size of the domains",
    "x",
    "length",
    "time",
    "2π/⟨k⟩",
    "In the end coarsening is a straight line here, t^(1/3) in H⁻¹ and √t in L²; a small box is on its way.",
    log_x=True,
    log_y=True,
)


def charts(config: PhaseFieldConfig) -> tuple[Chart, ...]:
    """The charts of a run."""
    own = (LENGTH,) if config.start == "spinodal" else ()
    force = replace(FORCE, y_title="‖∇E‖", sentence="The length of the gradient in the flow's own metric, √⟨∇E, M∇E⟩.")
    steps = (replace(STEPS, sentence="The steps that were taken: walls move ever slower, and steps may grow."),)
    return (*own, ENERGY, force, IDENTITY, *(steps if config.adapts else ()), WORK)
