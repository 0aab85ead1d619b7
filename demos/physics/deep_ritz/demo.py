"""The network that learns Poisson's equation, as the dashboard, the command line and the shared tests see it."""

from __future__ import annotations

from demos.contract import Demo
from demos.physics.bench.code import code_of
from demos.physics.bench.equations import COLD
from demos.physics.bench.explanation import EXPLANATION
from demos.physics.deep_ritz.charts import charts
from demos.physics.deep_ritz.config import DeepRitzConfig
from demos.physics.deep_ritz.run import run
from demos.physics.deep_ritz.scenes import SCENES
from demos.physics.deep_ritz.studies import METHODS_COMPARED

DEMO = Demo(
    name="ritz",
    title="Deep Ritz",
    sentence="A small network minimizes the Dirichlet energy of its own output, and so solves Poisson's equation.",
    equation=COLD,
    formula=r"\int \tfrac12|\nabla u_w|^2 - u_w",
    config=DeepRitzConfig,
    run=run,
    scenes=SCENES,
    code=code_of(run, "from demos.physics.deep_ritz.model import DeepRitz", "DeepRitz(config.width).system()"),
    charts=charts,
    studies=lambda config: (METHODS_COMPARED,),
    explanation=EXPLANATION,
)
