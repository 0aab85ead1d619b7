"""The charts of a run of a cluster."""

from __future__ import annotations

from demos.contract import Chart
from demos.physics.bench.freezing import FINAL_ENERGIES
from demos.physics.bench.run_charts import run_charts
from demos.physics.clusters.config import ClusterConfig

SEARCH = Chart(
    "search",
    "Lowest energy so far",
    "x",
    "energy",
    "minimizations, all walks",
    "E",
    "The lowest minimum that any walk has met, on its way down to the best known energy.",
    log_x=True,
)
WALKS = Chart(
    "walks",
    "Walks that have found it",
    "x",
    "share",
    "minimizations of a walk",
    "share of walks",
    "How many of the walks had met the best known energy by then: a search is judged by many.",
    log_x=True,
)


def charts(config: ClusterConfig) -> tuple[Chart, ...]:
    """The charts of a run."""
    if config.method == "hopping":
        return SEARCH, WALKS
    return (FINAL_ENERGIES,) if config.method == "annealing" else run_charts(config)
