"""The hanging chain, as the dashboard, the command line and the shared tests see it."""

from __future__ import annotations

from demos.contract import Demo
from demos.physics.bench.code import code_of
from demos.physics.bench.equations import COLD
from demos.physics.bench.explanation import EXPLANATION
from demos.physics.bench.run_charts import run_charts
from demos.physics.chain.config import ChainConfig
from demos.physics.chain.run import run
from demos.physics.chain.scenes import SCENES

DEMO = Demo(
    name="chain",
    title="Hanging chain",
    sentence="A chain of rigid links falls into the one shape in which every joint balances.",
    equation=COLD,
    formula=r"\sum_i y_i,\;\ |x_{i+1} - x_i| = \ell",
    config=ChainConfig,
    run=run,
    scenes=SCENES,
    code=code_of(
        run,
        "from demos.physics.chain.model import hanging_chain",
        "hanging_chain(config.links, config.length)",
    ),
    charts=run_charts,
    explanation=EXPLANATION,
)
