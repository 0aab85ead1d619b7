"""Basin maps of the flow and of the first method at its rate, side by side."""

from __future__ import annotations

import numpy as np
import pandas as pd

from demos.common.progress import Progress
from demos.contract import Chart, Study
from demos.descent.basin_maps import NOWHERE, differing, flow_basins, method_basins
from demos.descent.config import DescentConfig
from demos.descent.optimizers import LABELS
from demos.descent.starts import grid_of

CELLS = 48


def basin_study(config: DescentConfig, progress: Progress | None = None) -> pd.DataFrame:
    """Columns x, y, label, series; the name of the second series says in which fraction the maps differ."""
    surface = config.landscape
    first, second = flow_basins(surface, CELLS), method_basins(config, CELLS)
    name = f"{LABELS[config.methods[0]]}: {differing(first, second):.0%} differ"
    at = grid_of(surface, CELLS)
    names = np.array([*(place.name for place in surface.minima), "nowhere"], dtype=object)
    assert NOWHERE == -1  # the last name is for NOWHERE
    parts = [
        pd.DataFrame({"x": at[:, 0], "y": at[:, 1], "label": names[labels.ravel()], "series": series})
        for labels, series in ((first, "Exact flow"), (second, name))
    ]
    return pd.concat(parts, ignore_index=True)


BASINS = Study(
    "basins",
    "Basin maps",
    "Each square is a start, its colour the minimum where the path ends: under the exact flow, and under the "
    "first method "
    "at its rate (at most 1,000 steps). A discrete method has basins of its own.",
    basin_study,
    (Chart("basins", "Where starts end", "x", "y", "x", "y", "Left the flow, right the method.", kind="map"),),
    depends_on=(
        "surface", "formula", "condition", "angle", "methods", "steps", "clock", "momentum", "beta2", "weight_decay",
        *(f"lr_{method}" for method in LABELS),
    ),
)  # fmt: skip
