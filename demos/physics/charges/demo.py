"""Charges on a sphere, as the dashboard, the command line and the shared tests see them."""

from __future__ import annotations

from demos.contract import Demo
from demos.physics.bench.code import code_of
from demos.physics.bench.equations import COLD, WARM, cooled
from demos.physics.bench.explanation import EXPLANATION
from demos.physics.charges.charts import charts
from demos.physics.charges.config import ChargesConfig
from demos.physics.charges.run import run
from demos.physics.charges.scenes import SCENES


def equation(config: ChargesConfig) -> str:
    """LaTeX of a config's equation of motion, with noise for annealing."""
    return cooled(config, rf"{WARM} \quad x \in C") if config.method == "annealing" else COLD


DEMO = Demo(
    name="thomson",
    title="Charges on a sphere",
    sentence="Equal charges on a sphere repel each other into the most even arrangement, which is never a lattice.",
    equation=equation,
    formula=r"\sum_{i<j} 1/|x_i - x_j|,\;\ |x_i| = 1",
    config=ChargesConfig,
    run=run,
    scenes=SCENES,
    code=code_of(run, "from demos.physics.charges.model import thomson", "thomson(config.count)"),
    charts=charts,
    explanation=EXPLANATION,
)
