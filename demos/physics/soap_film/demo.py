"""Soap films, as the dashboard, the command line and the shared tests see them."""

from __future__ import annotations

from dataclasses import replace

from demos.contract import Demo
from demos.contract.charts import ENERGY, FORCE, IDENTITY, STEPS, WORK, Chart, Study
from demos.physics.soap_film.config import FilmConfig
from demos.physics.soap_film.run import run
from demos.physics.soap_film.scenes import SCENES
from demos.physics.soap_film.studies import CONVERGENCE, SLOWING


def charts(config: FilmConfig) -> tuple[Chart, ...]:
    """Which tables of a run are drawn."""
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


def studies(config: FilmConfig) -> tuple[Study, ...]:
    """What is computed on demand beside the run."""
    return SLOWING, CONVERGENCE
