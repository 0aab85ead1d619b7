"""The last measured step as scalars, for TensorBoard and whatever else has add_scalar(tag, value, step)."""

from __future__ import annotations

from typing import Any

import numpy as np

from demos.networks.monitor.run import Run
from demos.networks.monitor.step import SERIES


def scalars(run: Run, writer: Any, prefix: str) -> None:
    """writer.add_scalar("prefix/quantity/layer", value, step) for each number of the last row; nan is sent too where a
    measured number is nan, nothing where there is none to measure."""
    step = run.steps[-1]
    measured = {name: run.series[name][-1] for name in SERIES} | {"ratio": run.ratio()[-1]}
    ever = {name: ~np.isnan(run.series[name]).all(0) for name in SERIES}
    ever["ratio"] = ~np.isnan(run.ratio()).all(0)
    for name, values in measured.items():
        for layer, value, known in zip(run.layers, values, ever[name], strict=True):
            if known:
                writer.add_scalar(f"{prefix}/{name}/{layer.name}", float(value), step)
    for name in ("gradient", "clipped"):
        if np.isfinite(total := run.total(name)[-1]):
            writer.add_scalar(f"{prefix}/{name}", float(total), step)
