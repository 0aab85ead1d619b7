"""The test loss over the batch size: SGD from the sharp well, evaluated on a slightly shifted landscape."""

from __future__ import annotations

import math

import pandas as pd

from demos.common.progress import Progress
from demos.contract import Chart, Study
from demos.stochastic.wells.config import WellsConfig
from demos.stochastic.wells.landscape import SHIFT, barrier, slope, test_loss
from demos.stochastic.wells.law import Law
from demos.stochastic.wells.run import simulate

SIZES = (1, 2, 4, 8, 16, 32, 64)


def over_batches(config: WellsConfig, progress: Progress | None = None) -> pd.DataFrame:
    """Columns series, batch, loss, error: on the shifted landscape at the end, by SGD and by the exact distribution."""
    rows = []
    for i, batch in enumerate(SIZES):
        one = config.replace(batch=batch, start="sharp")
        law = Law(one)
        values = test_loss(simulate(one, law).states[-1, :, 0].astype(float))
        error = float(values.std(ddof=1) / math.sqrt(len(values)))
        rows.append({"series": "SGD", "batch": batch, "loss": float(values.mean()), "error": error})
        if not law.trouble:
            kernel = law.kernel(barrier())
            averages, _ = kernel.follow(law.start, slope, one.lr, one.steps, (test_loss(kernel.x),))
            rows.append({"series": "exact distribution", "batch": batch, "loss": float(averages[-1, 0]), "error": 0.0})
        if progress is not None:
            progress((i + 1) / len(SIZES))
    return pd.DataFrame(rows)


TEST_LOSS = Study(
    "test_loss",
    "Test loss over the batch size",
    f"SGD from the sharp well; the test loss is the landscape shifted by normal numbers of {SHIFT}, which costs a "
    "sharp well 20 times as much as a flat one.",
    over_batches,
    (
        Chart(
            "",
            "Test loss at the end",
            "batch",
            "loss",
            "batch size B",
            "loss on the shifted landscape",
            "Too hot on the left, stuck in the sharp well on the right. Flat generalizes here: the model was built so.",
            kind="points",
            log_x=True,
            error="error",
        ),
    ),
    depends_on=("lr", "noise", "steps", "chains", "seed"),
)
