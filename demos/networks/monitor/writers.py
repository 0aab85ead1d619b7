"""Writes the last measured step as scalars, to TensorBoard or any object with add_scalar(tag, value, step)."""

from __future__ import annotations

from typing import Any

import numpy as np

from demos.networks.monitor.run import Run
from demos.networks.monitor.step import SERIES


def scalars(run: Run, writer: Any, prefix: str) -> None:
    """Call writer.add_scalar("prefix/quantity/layer", value, step) for each number of the last row. A measured nan is
    sent too; quantities that a layer does not have are not."""
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
