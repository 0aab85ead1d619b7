"""The phase diagram of heavy ball over rate × curvature and β; and Nesterov's method and its differential equation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import torch
from scipy.special import jv

from demos.common.progress import Progress
from demos.contract import Chart, Study
from demos.descent.config import DescentConfig
from demos.descent.linear import mode
from demos.descent.optimizers import LABELS
from demos.descent.prediction import predictions
from demos.descent.setup import Setup
from demos.gradient_flow import GradientFlow, Method, solve

CELLS = 44
WIDEST = 4.2  # the largest rate × curvature
HERE = "this run"
STEP_SIZES = (1e-2, 1e-3, 1e-4)
END = 12.0


def phase_diagram(config: DescentConfig, progress: Progress | None = None) -> pd.DataFrame:
    """Columns x (rate × curvature), y (β), label, series: the behaviour of heavy ball; and the points of this run, for
    both eigenvectors at the minimum below the first start."""
    rows = []
    for z in WIDEST * (np.arange(CELLS) + 0.5) / CELLS:
        for beta in (np.arange(CELLS) + 0.5) / CELLS:
            rows.append({"x": z, "y": beta, "label": mode("heavy_ball", 1.0, z, {"momentum": beta}).character})
    if "heavy_ball" in config.methods:
        prediction = predictions(Setup.of(config), "heavy_ball")[0]
        width = WIDEST / CELLS
        for each in prediction.modes:
            z = (np.floor(config.rate("heavy_ball") * each.curvature / width) + 0.5) * width
            y = (np.floor(config.momentum * CELLS) + 0.5) / CELLS
            if z < WIDEST:
                rows = [row for row in rows if not (abs(row["x"] - z) < 1e-9 and abs(row["y"] - y) < 1e-9)]
                rows.append({"x": z, "y": y, "label": HERE})
    return pd.DataFrame(rows).assign(series="heavy ball")


PHASE = Study(
    "phase",
    "Phase diagram",
    "Heavy ball on a parabola of curvature λ: for β > (1 − √(rate·λ))² it oscillates, with factor √β a step "
    "whatever the "
    "curvature; beyond rate·λ = 2(1 + β) it leaves. Momentum smooths nothing by itself: most of the square oscillates.",
    phase_diagram,
    (Chart("phase", "What heavy ball does", "x", "y", "rate × curvature", "momentum β",
           "Squares: the character of the larger root; this run's two eigen-directions are marked.", kind="map"),),
    depends_on=("surface", "formula", "condition", "angle", "start", "x0", "y0", "places", "count", "methods",
        "momentum", "steps", "clock", *(f"lr_{method}" for method in LABELS)),
)  # fmt: skip


def _init(problem, x, t):
    return x, x.clone(), 0


def _step(problem, state, t, h):
    """y = x + (k − 1)/(k + 2) (x − x₋),  x' = y − h∇E(y)"""
    x, before, k = state
    k += 1
    y = x + (k - 1) / (k + 2) * (x - before)
    return y - h * problem.gradient(y, t), x, k


ACCELERATED = Method(
    name="accelerated",
    label="Nesterov, β = (k − 1)/(k + 2)",
    family="optimizer",
    formula=r"y = x + \tfrac{k-1}{k+2}(x - x_-),\quad x' = y - h\nabla E(y)",
    paper="Nesterov, Soviet Math. Dokl. 27 (1983) 372; Su, Boyd & Candès, J. Mach. Learn. Res. 17 (2016) 153",
    init=_init,
    step=_step,
    backward="never",
)


def nesterov_ode(config: DescentConfig, progress: Progress | None = None) -> pd.DataFrame:
    """Columns t, x, series: the method on x²/2 from x = 1, with t = k√h; and the exact x(t) = 2 J₁(t)/t
    of ẍ + (3/t)ẋ + x = 0."""
    flow, parts = GradientFlow(lambda x: x.square().sum(1) / 2, lambda x: x), []
    for h in STEP_SIZES:
        steps = round(END / h**0.5)
        path = solve(
            flow, torch.ones(1, 1, dtype=torch.float64), range(steps + 1), _scaled(h), record=min(steps + 1, 301)
        )
        times = path.times.numpy() * h**0.5
        parts.append(pd.DataFrame({"t": times, "x": path.states[:, 0, 0].numpy(), "series": f"rate {h:g}"}))
    t = np.linspace(1e-6, END, 400)
    parts.append(pd.DataFrame({"t": t, "x": 2 * jv(1, t) / t, "series": "exact: 2 J₁(t)/t"}))
    return pd.concat(parts, ignore_index=True)


def _scaled(h: float) -> Method:
    """The method with a fixed rate h, so that its time grid can count steps."""
    return replace(ACCELERATED, step=lambda problem, state, t, unit: _step(problem, state, t, h * unit))


NESTEROV = Study(
    "nesterov",
    "Nesterov's equation",
    "Nesterov's method with β = (k − 1)/(k + 2) on x²/2, over t = step × √rate: it follows ẍ + (3/t) ẋ + ∇E = 0, "
    "here a "
    "Bessel function, and comes nearer like √rate. Its time runs as √rate, not as rate: this is no gradient flow.",
    nesterov_ode,
    (Chart("nesterov", "Nesterov beside its equation", "t", "x", "t = step × √rate", "x",
           "Dashed: 2 J₁(t)/t. The largest rate is visibly off, the smallest lies on it."),),
    depends_on=(),
)  # fmt: skip
