"""The charts of a run of charges, and the table of the minima that many starts ended in."""

from __future__ import annotations

import numpy as np
import pandas as pd

from demos.contract import Chart
from demos.physics.bench.freezing import FINAL_ENERGIES
from demos.physics.bench.run_charts import run_charts
from demos.physics.charges.config import ChargesConfig
from demos.physics.charges.model import Minima

MINIMA = Chart(
    "minima",
    "Where the starts ended",
    "left",
    "y",
    "E − best known",
    "starts",
    "The minima that random starts ended in: of every few dozen charges there are several.",
    kind="bars",
)


def charts(config: ChargesConfig) -> tuple[Chart, ...]:
    """The charts of a run."""
    if config.method == "starts":
        return (MINIMA,)
    return (FINAL_ENERGIES,) if config.method == "annealing" else run_charts(config)


def minima_table(found: Minima, best: float) -> pd.DataFrame:
    """One narrow bar for each minimum: series, left, right, y (starts)."""
    gaps = found.energies - best
    width = max(float(np.ptp(gaps)), 1e-6) / 60
    return pd.DataFrame(
        {"series": "random starts", "left": gaps - width / 2, "right": gaps + width / 2, "y": found.counts}
    )
