"""Condensates, as the dashboard, the command line and the shared tests see them."""

from __future__ import annotations

from demos.contract import Demo
from demos.physics.bench.code import code_of
from demos.physics.bench.equations import COLD
from demos.physics.bench.explanation import EXPLANATION
from demos.physics.condensate.charts import charts
from demos.physics.condensate.config import CondensateConfig
from demos.physics.condensate.run import run
from demos.physics.condensate.scenes import SCENES
from demos.physics.condensate.studies import studies

FORMULA = (
    r"\begin{aligned} \textstyle\int &\tfrac12|\nabla\varphi|^2 + V|\varphi|^2 \\[-2pt] &+ "
    r"\tfrac\beta2|\varphi|^4 - \Omega\,\varphi^* L_z\varphi \end{aligned}"
)

DEMO = Demo(
    name="condensate",
    title="Condensate",
    sentence="Bosons in a trap settle into their ground state; stirred, they let vortices in.",
    equation=COLD,
    formula=FORMULA,
    config=CondensateConfig,
    run=run,
    scenes=SCENES,
    code=code_of(run, "", "config.condensate.system()"),
    charts=charts,
    studies=studies,
    explanation=EXPLANATION,
)
