"""The charts of a run's table "trace": those of a flow over time, those of an optimizer over its iterations."""

from __future__ import annotations

from dataclasses import replace

from demos.contract import Chart
from demos.physics.bench.config import SystemConfig
from demos.physics.bench.endpoint import Endpoint
from demos.physics.bench.system import Reference

ENERGY = Chart(
    "trace",
    "Energy",
    "x",
    "gap",
    "time",
    "E − E(end)",
    "Energy above where this run ended: along a gradient flow it only falls.",
    log_y=True,
)
FORCE = Chart(
    "trace",
    "Gradient",
    "x",
    "force",
    "time",
    "largest force",
    "The largest component of the gradient; the run stops where it is below the stop criterion.",
    log_y=True,
)
IDENTITY = Chart(
    "trace",
    "Dissipation identity",
    "x",
    "residual",
    "time",
    "share of energy lost",
    "What E(0) − E(t) = ∫⟨∇E, M∇E⟩ dt misses: zero on the true flow, whatever the energy does.",
)
STEPS = Chart(
    "trace",
    "Steps",
    "x",
    "step",
    "time",
    "step size",
    "The steps that were taken, and the stability limit 2/L of explicit ones where it is known.",
    log_y=True,
)
WORK = Chart(
    "trace",
    "Work",
    "evaluations",
    "gap",
    "force evaluations",
    "E − E(end)",
    "The same fall over what it cost.",
    log_y=True,
)
OVER_ITERATIONS = (
    replace(ENERGY, x_title="iteration", sentence="Energy above where this run ended; an optimizer may also climb."),
    replace(FORCE, x_title="iteration"),
    replace(
        STEPS,
        x_title="iteration",
        title="Moves",
        y_title="longest move of a coordinate",
        sentence="How far the fastest coordinate went: an optimizer has no clock, only moves.",
    ),
    WORK,
)
OVER_TIME = (*(replace(chart, log_x=True) for chart in (ENERGY, FORCE, IDENTITY, STEPS)), WORK)
FIXED = tuple(replace(chart, log_y=False) if chart.y == "step" else chart for chart in OVER_TIME)


def run_charts(config: SystemConfig) -> tuple[Chart, ...]:
    """The charts of the config's method: over time, over iterations, or with a fixed step."""
    if config.optimizes:
        return OVER_ITERATIONS
    return OVER_TIME if config.adapts else FIXED


def reference_of(end: Endpoint, best: Reference | None) -> float | None:
    """The energy of gap 0 in a trace: that of the minimum in which the run ended, else the best known one."""
    if end.certificate is not None:
        return end.energy
    return None if best is None else best.value
