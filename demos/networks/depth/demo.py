"""Random networks by their depth, as the dashboard, the command line and the shared tests see it."""

from __future__ import annotations

from importlib.resources import files

from demos.contract import Chart, Demo
from demos.networks.depth.code import code
from demos.networks.depth.config import DepthConfig
from demos.networks.depth.run import run
from demos.networks.depth.scenes import SCENES

EQUATION = (
    r"\dot\theta = -\nabla_\theta \mathcal L \qquad "
    r"\mathbb E\,|\partial\mathcal L/\partial z_l|^2 = \chi_l\;\mathbb E\,|\partial\mathcal L/\partial z_{l+1}|^2"
)


def charts(config: DepthConfig) -> tuple[Chart, ...]:
    """The static charts of a run."""
    return (
        Chart(
            "multiplier",
            "What a layer does",
            "layer",
            "y",
            "layer l",
            "χ of layer l",
            "What each layer multiplies |∂ℒ/∂z|² by on the way back; below 1 gradients vanish, above they explode.",
        ),
    )


DEMO = Demo(
    name="depth",
    title="Depth, before training",
    sentence="How large a gradient reaches the first layer of a random network, and what theory says.",
    equation=EQUATION,
    config=DepthConfig,
    run=run,
    scenes=SCENES,
    code=code,
    explanation=files("demos.networks.depth").joinpath("explanation.md").read_text(encoding="utf-8"),
    charts=charts,
)
