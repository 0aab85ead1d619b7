"""The charts of a run of particles: those of a flow over time, those of an optimizer over its iterations."""

from __future__ import annotations

from dataclasses import replace

from demos.physics.charting import ENERGY, FORCE, IDENTITY, STEPS, WORK, Chart
from demos.physics.config import EnergyConfig

OVER_ITERATIONS = (
    replace(ENERGY, x_title="iteration", sentence="Energy above where this run ended; an optimizer may also climb."),
    replace(FORCE, x_title="iteration"),
    replace(STEPS, x_title="iteration", title="Moves", y_title="longest move of a coordinate",
            sentence="How far the fastest coordinate went: an optimizer has no clock, only moves."),
    WORK)
OVER_TIME = (*(replace(chart, log_x=True) for chart in (ENERGY, FORCE, IDENTITY, STEPS)), WORK)


def run_charts(config: EnergyConfig) -> tuple[Chart, ...]:
    return OVER_ITERATIONS if config.optimizes else OVER_TIME
