"""The column under load, as the dashboard, the command line and the shared tests see it."""

from __future__ import annotations

from demos.contract import Demo
from demos.physics.bench.code import code_of
from demos.physics.bench.equations import COLD
from demos.physics.bench.explanation import EXPLANATION
from demos.physics.bench.run_charts import run_charts
from demos.physics.column.config import ColumnConfig
from demos.physics.column.run import run
from demos.physics.column.scenes import SCENES
from demos.physics.column.studies import BIFURCATION

DEMO = Demo(
    name="column",
    title="Column",
    sentence="Below a load the column stays straight; past it the straight line is a saddle and it bends aside.",
    equation=COLD,
    formula=r"\tfrac C2\sum_k\Delta\theta_k^2 + P\ell\sum_k\cos\theta_k",
    config=ColumnConfig,
    run=run,
    scenes=SCENES,
    code=code_of(run, "from demos.physics.column.model import column", "column(config.links, config.force)"),
    charts=run_charts,
    studies=lambda config: (BIFURCATION,),
    explanation=EXPLANATION,
)
