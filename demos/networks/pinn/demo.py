"""The physics-informed network, as the dashboard, the command line and the shared tests see it."""

from __future__ import annotations

from importlib.resources import files

from demos.contract import Chart, Demo
from demos.contract.reproduce import code_of
from demos.networks.pinn.config import PinnConfig
from demos.networks.pinn.run import run
from demos.networks.pinn.scenes import SCENES

CHARTS = (
    Chart(
        "errors",
        "Error of u",
        "step",
        "error",
        "step",
        "rms, over that of sin kπx",
        "Against the exact solution, at the points inside. The loss knows nothing of it.",
        log_y=True,
    ),
    Chart(
        "ratios",
        "Ratio of the gradients",
        "step",
        "ratio",
        "step",
        "|∇ℒᵣ| / |∇ℒ_b|",
        "Without λ. Where training comes to rest the ratio is λ itself, whatever the error.",
        log_y=True,
    ),
    Chart(
        "losses",
        "Losses",
        "step",
        "loss",
        "step",
        "loss",
        "Residual and boundary of both networks, without λ.",
        log_y=True,
    ),
    Chart(
        "weights",
        "Weight of the boundary",
        "step",
        "weight",
        "step",
        "λ",
        "The balanced one begins at 1 and moves every ten steps.",
        log_y=True,
    ),
)

DEMO = Demo(
    name="pinn",
    title="Physics-informed",
    sentence="A network learns a solution from its equation: residual and boundary pull at it, unequally, or balanced.",
    equation=r"\dot\theta = -\nabla_\theta\big(\mathcal L_r + \lambda\,\mathcal L_b\big)"
    r" \qquad \lambda \leftarrow \tfrac{9}{10}\lambda + \tfrac1{10}\hat\lambda",
    formula=r"\underbrace{\overline{(u'' + f)^2}}_{\mathcal L_r}"
    r" + \lambda\,\underbrace{\overline{u(\pm1)^2}}_{\mathcal L_b}",
    config=PinnConfig,
    run=run,
    scenes=SCENES,
    code=code_of(run),
    charts=lambda config: CHARTS,
    explanation=files("demos.networks.pinn").joinpath("explanation.md").read_text(encoding="utf-8"),
)
