"""Early stopping, as the dashboard, the command line and the shared tests see it."""

from __future__ import annotations

from importlib.resources import files

from demos.contract import Chart, Demo
from demos.contract.reproduce import code_of
from demos.descent.early_stopping.config import EarlyStoppingConfig
from demos.descent.early_stopping.run import run
from demos.descent.early_stopping.scenes import SCENES

CHARTS = (
    Chart(
        "losses", "Training loss and risk", "t", "loss", "t = lr × steps", "half the mean square error",
        "Means over the draws of the noise, over their exact expectations: the training loss falls, the risk turns.",
        log_x=True, log_y=True,
    ),
    Chart(
        "ridge", "Stopping beside ridge", "time", "risk", "t, or 1/λ", "risk",
        "Stopping at t and a ridge penalty of 1/t keep about the same of each direction; their lowest risks are alike.",
        log_x=True, log_y=True,
    ),
)  # fmt: skip

DEMO = Demo(
    name="early_stopping",
    title="Early stopping",
    sentence="Gradient descent on noisy least squares: the training loss falls, the risk on new examples turns.",
    equation=r"\dot w = -\tfrac1n X^\top (Xw - y) \qquad w(t) = \sum_i (1 - e^{-s_i t})\,\hat w_i",
    formula=r"\tfrac{1}{2n}|Xw - y|^2",
    config=EarlyStoppingConfig,
    run=run,
    scenes=SCENES,
    code=code_of(run),
    charts=lambda config: CHARTS,
    explanation=files("demos.descent.early_stopping").joinpath("explanation.md").read_text(encoding="utf-8"),
)
