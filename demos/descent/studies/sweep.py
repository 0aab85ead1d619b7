"""Rate sweep: the loss after STEPS steps as a function of the rate, for each chosen method."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch

from demos.common.progress import Progress, checkpoint
from demos.contract import Chart, Study
from demos.descent.config import DescentConfig
from demos.descent.optimizers import LABELS
from demos.descent.setup import Setup
from demos.descent.tables import loss_of
from demos.gradient_flow import GradientFlow, solve

RATES = 49
DECADES = 4.0
STEPS = 200
SHOWN = 1e3  # losses larger than this many times the initial one are left out


def sweep(config: DescentConfig, progress: Progress | None = None) -> pd.DataFrame:
    """Columns rate, loss, series: the loss of the first start after STEPS steps, over four decades of rates; and a
    vertical line at 2/L."""
    setup = Setup.of(config)
    surface, parts = setup.surface, []
    flow = GradientFlow(surface.energy, surface.gradient, hessian=surface.hessian)
    first = float(np.nan_to_num(loss_of(setup, setup.starts[:1].numpy()), nan=1.0).max())
    lowest = []
    for i, method in enumerate(config.methods):
        centre = config.rate(method)
        rates = centre * np.logspace(-DECADES / 2, DECADES / 2, RATES)
        losses = []
        for rate in rates:
            checkpoint()
            path = solve(
                flow,
                setup.starts[:1],
                torch.arange(STEPS + 1, dtype=torch.float64) * rate,
                method,
                record=2,
                **config.options_of(method),
            )
            losses.append(float(loss_of(setup, path.states[-1].numpy())[0]))
            if progress is not None:
                progress((i + len(losses) / RATES) / len(config.methods))
        values = np.array(losses)
        values[values > SHOWN * first] = np.nan
        lowest.append(np.nanmin(values) if np.isfinite(values).any() else first)
        parts.append(pd.DataFrame({"rate": rates, "loss": values, "series": LABELS[method]}))
    limit = config.limit_of("euler")
    if np.isfinite(limit) and limit > 0:
        ends = [max(min(lowest), 1e-14 * first), first]
        name = "exact limit 2/L of gradient descent"
        parts.append(pd.DataFrame({"rate": [limit, limit], "loss": ends, "series": name}))
    return pd.concat(parts, ignore_index=True)


SWEEP = Study(
    "sweep",
    "Rate sweep",
    f"The loss that is left after {STEPS} steps, over the rate of each chosen method. Gradient descent gains "
    f"until just "
    "below 2/L and has nothing beyond it; methods that divide by the gradient's size fail later and more gently.",
    sweep,
    (
        Chart(
            "sweep", "Loss over the rate", "rate", "loss", "rate", f"loss after {STEPS} steps",
            "The dashed line is 2/L at the sharpest minimum. A gap: the method has left.", log_x=True, log_y=True,
        ),
    ),
    depends_on=(
        "surface", "formula", "condition", "angle", "start", "x0", "y0", "places", "count", "methods", "momentum",
        "beta2", "weight_decay", *(f"lr_{method}" for method in LABELS),
    ),
)  # fmt: skip
