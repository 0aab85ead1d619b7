"""The edge of stability, as the dashboard, the command line and the shared tests see it."""

from __future__ import annotations

from importlib.resources import files

from demos.contract import Chart, Demo
from demos.contract.reproduce import code_of
from demos.descent.edge.config import EdgeConfig
from demos.descent.edge.run import run
from demos.descent.edge.scenes import SCENES

CHARTS = (
    Chart(
        "edge", "Sharpness × lr/2", "step", "level", "step", "sharpness × lr/2",
        "Every 25 steps: it rises to 1 and swings about it, where a flow would let it go on rising.",
    ),
    Chart(
        "edge", "Steps that raise the loss", "step", "rises", "step", "of the next 25 steps",
        "None while sharpness × lr/2 is below 1: the descent lemma. At the edge some do; the loss falls all the same.",
    ),
)  # fmt: skip

DEMO = Demo(
    name="edge",
    title="Edge of stability",
    sentence="Full-batch descent of a small network: the curvature rises until the rate is just too large for it.",
    equation=r"\theta_{k+1} = \theta_k - \eta\,\nabla E(\theta_k) \qquad "
    r"\lambda_{\max}(\nabla^2 E) \to \tfrac{2}{\eta}",
    formula=r"\tfrac{1}{2n}\sum_i (f_\theta(x_i) - y_i)^2",
    config=EdgeConfig,
    run=run,
    scenes=SCENES,
    code=code_of(run),
    charts=lambda config: CHARTS,
    explanation=files("demos.descent.edge").joinpath("explanation.md").read_text(encoding="utf-8"),
)
