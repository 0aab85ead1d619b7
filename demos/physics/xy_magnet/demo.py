"""The XY magnet, as the dashboard, the command line and the shared tests see it."""

from __future__ import annotations

from demos.contract import Demo
from demos.physics.bench.code import code_of
from demos.physics.bench.equations import COLD, WARM, two_lines
from demos.physics.bench.explanation import EXPLANATION
from demos.physics.xy_magnet.charts import charts
from demos.physics.xy_magnet.config import XYMagnetConfig
from demos.physics.xy_magnet.run import run
from demos.physics.xy_magnet.scenes import SCENES
from demos.physics.xy_magnet.studies import TEMPERATURE_SWEEP


def equation(config: XYMagnetConfig) -> str:
    """LaTeX of what a config follows: with noise where it has a temperature."""
    return two_lines(WARM, f"T = kT = {config.kT:g}") if config.kT > 0 else COLD


DEMO = Demo(
    name="spins",
    title="XY magnets",
    sentence="Planar magnets turn into line; what is left over are vortices that find their partners.",
    equation=equation,
    formula=r"-J\sum_{\langle ij\rangle}\cos(\theta_i - \theta_j)",
    config=XYMagnetConfig,
    run=run,
    scenes=SCENES,
    code=code_of(run, "from demos.physics.xy_magnet.model import XYModel", "XYModel(config.side).system()"),
    charts=charts,
    studies=lambda config: (TEMPERATURE_SWEEP,),
    explanation=EXPLANATION,
)
