"""Orders: the distance of gradient descent from the flow and from the modified flows, as a function of the rate."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch

from demos.common.progress import Progress, checkpoint
from demos.contract import Chart, Study
from demos.descent.config import DescentConfig
from demos.descent.flow import exact_flow
from demos.descent.modified import modified_field
from demos.descent.optimizers import LABELS
from demos.descent.prediction import curvature_along
from demos.descent.setup import Setup
from demos.gradient_flow import GradientFlow, solve

HALVINGS = 6  # of the rate
LARGEST = 0.2  # the largest rate × the largest curvature along the path
REACH = 3.0  # × 1/largest curvature: the time at which the distances are measured
NAMES = {1: "from the flow", 2: "from the modified flow", 3: "from the third-order flow"}


def order_study(config: DescentConfig, progress: Progress | None = None) -> pd.DataFrame:
    """Columns rate, distance, series, order: the distances at a fixed early time on the first start's path, for
    successively halved rates. Raises ValueError if the flow leaves."""
    setup = Setup.of(config)
    steepest = float(curvature_along(setup)[: max(2, len(setup.exact.times) // 2), 0].max())
    if not steepest > 0:
        raise ValueError("Along this path the energy curves nowhere upwards: there is no scale for a rate.")
    first, start = LARGEST / steepest, setup.starts[:1]
    end = REACH / steepest
    flow = GradientFlow(setup.surface.energy, setup.surface.gradient)
    rows = []
    for i in range(HALVINGS):
        checkpoint()
        rate = first / 2**i
        steps = round(end / rate)
        times = torch.arange(steps + 1, dtype=torch.float64) * rate
        path = solve(flow, start, times, "euler", record=2).states[-1, 0].numpy()
        field = modified_field(setup.surface, rate, (1, 2, 3))
        near = exact_flow(setup.surface, start.repeat(3, 1), times[-1:].numpy(), field).states[-1]
        rows += [
            {"rate": rate, "distance": float(np.linalg.norm(path - near[k - 1])), "terms": k, "series": name}
            for k, name in NAMES.items()
        ]
        if progress is not None:
            progress((i + 1) / HALVINGS)
    frame = pd.DataFrame(rows)
    if not np.isfinite(frame["distance"]).all():
        raise ValueError("The flow or the path leaves the landscape: no order can be measured.")
    frame["order"] = [fitted(frame[frame["series"] == name]) for name in frame["series"]]
    frame["series"] = [
        f"{name}, order {order:.2f}" for name, order in zip(frame["series"], frame["order"], strict=True)
    ]
    return frame


def fitted(rows: pd.DataFrame) -> float:
    """The order: the slope of log distance over log rate for the three smallest rates above the flow's tolerance."""
    good = rows[rows["distance"] > 3e-8].nsmallest(3, "rate")
    return float(np.polyfit(np.log(good["rate"]), np.log(good["distance"]), 1)[0]) if len(good) > 1 else float("nan")


ORDERS = Study(
    "orders",
    "Order in the rate",
    "Gradient descent at one fixed time, the rate halved again and again: its distance from the exact flow falls "
    "like the "
    "rate, from the flow of E + (rate/4)|∇E|² like its square. So gradient descent is not the flow's code, but "
    "near it.",
    order_study,
    (
        Chart(
            "orders", "Distance over the rate", "rate", "distance", "rate", "distance at a fixed time",
            "Slopes on the logarithmic axes are the orders: 1, 2 and 3 by theory.", kind="points", log_x=True,
            log_y=True,
        ),
    ),
    # The methods' fields too: the scale of the rates is measured along the flow of this run, up to its end.
    depends_on=(
        "surface", "formula", "condition", "angle", "start", "x0", "y0", "places", "count", "methods", "steps", "clock",
        *(f"lr_{method}" for method in LABELS),
    ),
)  # fmt: skip
