"""Soap films on the energy page: what they show, chart, refuse and cost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from demos.common.progress import Progress
from demos.contract import Result
from demos.contract.charts import ENERGY, FORCE, IDENTITY, STEPS, WORK, Chart, Study
from demos.physics.bench.field_trace import field_trace
from demos.physics.config import METHOD_LABELS, EnergyConfig
from demos.physics.soap_film.catenoid import CRITICAL_SEPARATION
from demos.physics.soap_film.checks import checks, notes, warnings
from demos.physics.soap_film.picture import film_picture
from demos.physics.soap_film.run import film_of, follow
from demos.physics.soap_film.studies import CONVERGENCE, SLOWING


def show(config: EnergyConfig, progress: Progress | None = None) -> Result:
    """See `demos.physics.run.run`."""
    with np.errstate(all="ignore"):  # of a film that was lost, numbers overflow
        run = follow(config, progress)
        table = field_trace(
            METHOD_LABELS[config.method], run.x, run.areas, run.rates, residual=run.residual, evaluations=run.work
        )
        return Result(
            film_picture(config, run),
            tuple(checks(config, run)),
            {"trace": table},
            tuple(notes(config, run)),
            tuple(warnings(config, run)),
        )


def charts(config: EnergyConfig) -> tuple[Chart, ...]:
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


def studies(config: EnergyConfig) -> tuple[Study, ...]:
    """What is computed on demand beside the run."""
    return SLOWING, CONVERGENCE


def check(config: EnergyConfig) -> None:
    """Raise ValueError, in one sentence, where the fields do not go together."""
    film_of(config)


def seconds(config: EnergyConfig) -> float:
    """About how long `show` takes on one core: measured with 60 pieces, and how that grows."""
    pieces, finest = config.pieces, (config.pieces / config.separation) ** 2
    match config.method:
        case "euler":
            return 0.05 + 1.6e-4 * min(config.duration / config.step, 1e9)
        case "dopri5":
            return 0.05 + 7e-4 * config.duration * finest
        case "lbfgs":
            return 0.05 + 3e-4 * config.iterations
    closes = config.separation > CRITICAL_SEPARATION or config.start == "below"
    stiff = max(1.0, 1 / config.separation) ** 0.4  # near rings: more stages a step
    return 0.05 + 0.003 * pieces * (5.0 if closes else 1.0) * stiff * (1e-5 / config.tolerance) ** 0.3
