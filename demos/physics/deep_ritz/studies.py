"""The same network trained by each method: lowest energy over the number of gradients."""

from __future__ import annotations

import numpy as np
import pandas as pd

from demos.common.progress import Progress, part
from demos.contract import Chart, Study
from demos.physics.bench.config import method_label
from demos.physics.deep_ritz.config import DeepRitzConfig
from demos.physics.deep_ritz.learning import learn

BUDGET = 300  # number of gradients of each method


def compare_methods(config: DeepRitzConfig, progress: Progress | None = None) -> pd.DataFrame:
    """A table of series, evaluations (number of gradients), gap (of the lowest energy so far), from the same start."""
    rows = []
    for i, (method, step) in enumerate(config.STEPS.items()):
        each = config.replace(method=method, iterations=BUDGET, step=step)
        learning = learn(each, part(progress, i, len(config.STEPS)))
        gaps = np.minimum.accumulate(learning.gaps)
        rows.append(pd.DataFrame({"series": method_label(method), "evaluations": learning.iterations + 1, "gap": gaps}))
    return pd.concat(rows, ignore_index=True)


METHODS_COMPARED = Study(
    "ritz_methods",
    "Methods compared",
    f"The same network from the same weights by each method, {BUDGET} gradients each: what remembers the curvature "
    "wins.",
    compare_methods,
    (
        Chart(
            "",
            "Lowest energy so far",
            "evaluations",
            "gap",
            "gradients",
            "E − E*",
            "Energy above the exact minimum, the lowest so far, over gradients taken.",
            log_x=True,
            log_y=True,
        ),
    ),
    depends_on=("seed", "width"),
)
