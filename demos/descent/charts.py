"""The charts under the picture, as plain data."""

from __future__ import annotations

from demos.contract import Chart
from demos.descent.config import DescentConfig


def charts(config: DescentConfig) -> tuple[Chart, ...]:
    return (
        Chart(
            "loss", "Loss over time", "t", "loss", "t = rate × step", "E above the lowest minimum",
            "The first start's energy, with the exact flow's. Dashed: the envelope with the slope that curvature at "
            "the minimum predicts.",
            log_y=True,
        ),
        Chart(
            "distance", "Distance from the flow", "t", "distance", "t = rate × step", "distance at the same t",
            "How far the first start's path is from the exact flow at the same t: it grows with the rate, and at first "
            "like its first power.",
            log_y=True,
        ),
    )  # fmt: skip
