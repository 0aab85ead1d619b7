"""Clusters of atoms, as the dashboard, the command line and the shared tests see them."""

from __future__ import annotations

from demos.contract import Demo
from demos.physics.bench.code import code_of
from demos.physics.bench.equations import COLD, UNDERDAMPED, cooled
from demos.physics.bench.explanation import EXPLANATION
from demos.physics.clusters.charts import charts
from demos.physics.clusters.config import ClusterConfig
from demos.physics.clusters.run import run
from demos.physics.clusters.scenes import SCENES
from demos.physics.clusters.studies import studies


def equation(config: ClusterConfig) -> str:
    """LaTeX of a config's equation of motion, with momenta and noise for annealing."""
    return cooled(config, UNDERDAMPED) if config.method == "annealing" else COLD


DEMO = Demo(
    name="cluster",
    title="Clusters",
    sentence="Atoms that attract at a distance and repel when close settle into one of very many stable shapes.",
    equation=equation,
    formula=r"\sum_{i<j} u(|x_i - x_j|)",
    config=ClusterConfig,
    run=run,
    scenes=SCENES,
    code=code_of(run, "", "config.system()"),
    charts=charts,
    studies=studies,
    explanation=EXPLANATION,
)
