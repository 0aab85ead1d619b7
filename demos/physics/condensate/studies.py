"""A study of the condensate: the term μφ in the step decides where the normalized flow ends."""

from __future__ import annotations

import pandas as pd

from demos.common.progress import Progress
from demos.contract.charts import Chart, Study
from demos.physics.condensate.descent import multiplier_matters
from demos.physics.condensate.model import GrossPitaevskii
from demos.physics.config import EnergyConfig

STEPS = (0.8, 0.4, 0.2, 0.1, 0.05, 0.025, 0.0125)
BETA = 62.742
NAMES = {True: "with μφ", False: "without μφ"}


def multiplier(config: EnergyConfig, progress: Progress | None = None) -> pd.DataFrame:
    """series, step, mu, error |μ − exact|, residual, for β = 62.742 in two dimensions."""
    table = multiplier_matters(GrossPitaevskii(2, BETA, points=64), STEPS, progress)
    table["series"] = table["multiplier"].map(NAMES)
    table["error"] = (table["mu"] - table["exact"]).abs()
    return table


MULTIPLIER = Study(
    "multiplier",
    "The multiplier matters",
    "β = 62.742 in two dimensions, where μ = 4.60983325. The same normalized flow with and without its multiplier μφ "
    "in the step, each run for 1,500 steps or until at rest.",
    multiplier,
    (
        Chart(
            "",
            "Error of μ",
            "step",
            "error",
            "step size h",
            "|μ − exact|",
            "With the term every step ends in the ground state; without it, in a state that depends on the step.",
            kind="points",
            log_x=True,
            log_y=True,
        ),
    ),
    on=(),
    columns={"series": "Step", "step": "h", "mu": "μ", "residual": "‖Hφ − μφ‖"},
)
