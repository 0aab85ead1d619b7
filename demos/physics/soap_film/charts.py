"""The charts of a run of the soap film: which of its tables are drawn, and how."""

from __future__ import annotations

from dataclasses import replace

from demos.contract import Chart
from demos.physics.bench.run_charts import ENERGY, FORCE, IDENTITY, STEPS, WORK
from demos.physics.soap_film.config import FilmConfig


def charts(config: FilmConfig) -> tuple[Chart, ...]:
    """The charts of a run."""
    area = replace(ENERGY, title="Area", y_title="A − A(end)", sentence="Area above where this run ended.")
    force = replace(
        FORCE,
        y_title="‖∇A‖",
        sentence="The length of the gradient in the flow's own metric, √⟨∇A, M∇A⟩: "
        "the run stops where no ring moves by 1e-6 a unit of time.",
    )
    if config.optimizes:
        over = {"x_title": "iteration"}
        return replace(area, **over), replace(force, **over, sentence="The length of the gradient of the area."), WORK
    return tuple(replace(chart, log_x=True) for chart in (area, force, IDENTITY)) + (STEPS, WORK)
