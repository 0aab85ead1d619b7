"""The charts of a run of spins: vortices; also those of a flow at T = 0, or the temperature at T > 0."""

from __future__ import annotations

from dataclasses import replace

from demos.contract import Chart
from demos.physics.bench.run_charts import ENERGY, FORCE, IDENTITY, STEPS, WORK
from demos.physics.xy_magnet.config import XYMagnetConfig

ENERGY_ABOVE = replace(ENERGY, y_title="E + 2JL² (J)", sentence="Energy above all spins parallel.")
VORTICES = Chart(
    "vortices",
    "Pairs of vortices",
    "t",
    "pairs",
    "time",
    "pairs",
    "How many vortices turn to the left; as many turn to the right, always.",
)
GRADIENT = replace(
    FORCE,
    y_title="‖∇E‖ (J)",
    sentence="The length of the gradient over all spins: 0 at rest, and a peak where a pair vanishes.",
)
GRADIENTS = replace(WORK, x_title="gradients", y_title=ENERGY_ABOVE.y_title)
TEMPERATURE = Chart(
    "temperature",
    "Temperature of the states",
    "t",
    "T",
    "time",
    "T (J)",
    "|∇E|²/∇²E of the states alone, averaged over a fiftieth of the run: in equilibrium it is kT.",
)


def charts(config: XYMagnetConfig) -> tuple[Chart, ...]:
    """The charts of a run."""
    if config.kT > 0:
        return ENERGY_ABOVE, VORTICES, TEMPERATURE
    return ENERGY_ABOVE, VORTICES, GRADIENT, IDENTITY, STEPS, GRADIENTS
