"""Tables of a training in long form for the charts, and the table of the findings."""

from __future__ import annotations

from math import log

import numpy as np
import pandas as pd

from demos.contract import Chart
from demos.networks.monitor import Report
from demos.networks.training.checks import prediction_of, profile
from demos.networks.training.config import TrainingConfig
from demos.networks.training.picture import Kind, blocks
from demos.networks.training.train import matrices

CHARTS = (
    Chart(
        "loss",
        "Loss",
        "step",
        "y",
        "step",
        "loss of the batch",
        "The loss of the data, without penalties. A network that has learnt nothing stays at ln 2 with two classes.",
    ),
    Chart(
        "profile",
        "Gradients before the first step",
        "layer",
        "y",
        "layer",
        "log₁₀ |∂ℒ/∂z|, over the last layer's",
        "How large a gradient reaches each layer, beside mean-field theory for the very inputs.",
    ),
    Chart(
        "norms",
        "|g| before and after clipping",
        "step",
        "y",
        "step",
        "|g| of all layers",
        "As backward leaves it, and as the optimizer gets it. Clipping acts on the gradient; it does not monitor it.",
        log_y=True,
    ),
    Chart(
        "units",
        "Slopes and silent units",
        "layer",
        "y",
        "layer",
        "share",
        "Mean φ′ over the greatest there is: near 0 a layer is saturated. Silent: 0 for all samples of three batches.",
    ),
    Chart(
        "cosine",
        "Direction of the gradient",
        "step",
        "y",
        "step",
        "cosine with the step before",
        "Near 1: steps agree; near 0: noise; below 0: the layer is thrown back and forth, the rate is too large.",
    ),
    Chart(
        "rate",
        "Rate of each layer",
        "layer",
        "y",
        "layer",
        "|Δθ| / |∂ℒ/∂θ|",
        "The rate that plain descent would need for the same step, typical of the run: flat for SGD, chosen layer by "
        "layer by the others.",
        log_y=True,
    ),
)


def tables_of(kinds: list[Kind]) -> dict[str, pd.DataFrame]:
    """The tables of the charts, each with a column `series`; and `findings`."""
    frames: dict[str, list[pd.DataFrame]] = {chart.table: [] for chart in CHARTS}
    for kind in kinds:
        for name, series, x, y in _series(kind):
            good = np.isfinite(y) & ((y > 0) | (name not in ("norms", "rate")))
            column = "layer" if name in ("profile", "units", "rate") else "step"
            frames[name].append(pd.DataFrame({column: x[good], "y": y[good], "series": kind.titled(series)}))
    found = {name: pd.concat(parts, ignore_index=True) for name, parts in frames.items() if parts}
    if kinds[0].config.classes:
        chance = pd.DataFrame({"step": [0, int(kinds[0].trained.steps[-1])], "y": log(2), "series": "exact: chance"})
        found["loss"] = pd.concat((found["loss"], chance), ignore_index=True)
    found["findings"] = pd.concat(
        [findings(kind.trained.report).assign(network=kind.label) for kind in kinds], ignore_index=True
    )
    return found


def findings(report: Report) -> pd.DataFrame:
    """`Report.to_frame`: severity, code, layer, measured, predicted, evidence, cause, fix."""
    return report.to_frame()


def _series(kind: Kind):
    """(table, series, x, y)."""
    trained, run = kind.trained, kind.trained.run
    rows = matrices(run)
    layers = np.arange(1, len(rows) + 1)
    steps = np.array(run.steps)
    yield "loss", "loss", *blocks(trained.losses)
    hidden = layers[:-1]
    yield "profile", "measured", hidden, profile(kind.config, trained)
    prediction = prediction_of(kind.config, trained)
    if prediction.valid:
        yield "profile", "exact (theory)", hidden, prediction.gradient
    yield "norms", "before", steps, run.total("gradient")
    if kind.config.clip:
        yield "norms", "after", steps, run.total("clipped")
    yield from _units(kind)
    cosine = run.series["cosine"]
    for name, row in (("first layer", rows[0]), ("middle", rows[len(rows) // 2]), ("last", rows[-1])):
        yield "cosine", name, steps, cosine[:, row]
    with np.errstate(invalid="ignore"):
        rate = run.rate()[1:, rows]
    typical = np.array([np.median(c[np.isfinite(c)]) if np.isfinite(c).any() else np.nan for c in rate.T])
    yield "rate", "rate", layers, typical


def _units(kind: Kind):
    run = kind.trained.run
    phis = [i for i, layer in enumerate(run.layers) if layer.activation]
    if not phis or not run.steps:
        return
    layers = np.arange(1, len(phis) + 1)
    greatest = np.array([run.layers[i].greatest for i in phis])
    slope, silent = run.series["slope"][:, phis] / greatest, run.series["silent"][-1, phis]
    yield "units", "mean φ′, start", layers, slope[0]
    yield "units", "mean φ′, end", layers, slope[-1]
    yield "units", "silent units, end", layers, silent


def charts(config: TrainingConfig) -> tuple[Chart, ...]:
    """The static charts of a run."""
    return CHARTS
