"""The charts of a training."""

from __future__ import annotations

from dataclasses import replace

from demos.contract import Chart
from demos.physics.bench.run_charts import ENERGY, FORCE, STEPS, WORK
from demos.physics.deep_ritz.config import DeepRitzConfig

GAP = replace(
    ENERGY,
    x_title="iterations",
    y_title="E − E*",
    log_y=True,
    sentence="Energy above the exact minimum, which is half the squared distance of ∇u to the solution's.",
)
GRADIENT = replace(
    FORCE,
    x_title="iterations",
    y_title="‖∇E‖",
    sentence="The length of the gradient over all weights: the loss surface is steep long after E is low.",
)
MOVES = replace(
    STEPS,
    title="Moves",
    x_title="iterations",
    y_title="largest move of a weight",
    sentence="How far the weight that moves most goes in an iteration, in the mean between two frames.",
)
GRADIENTS = replace(WORK, x_title="gradients", y_title="E − E*")
CENTRE = Chart(
    "centre",
    "Error in the middle",
    "x",
    "error",
    "iterations",
    "|u(½, ½) − exact|",
    "How far the network's value in the middle of the square is from the Fourier series.",
    log_y=True,
)


def charts(config: DeepRitzConfig) -> tuple[Chart, ...]:
    """The charts of a run."""
    return GAP, CENTRE, GRADIENT, MOVES, GRADIENTS
