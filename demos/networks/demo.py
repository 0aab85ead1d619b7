"""The networks demo, as the dashboard, the command line and the shared tests see it."""

from __future__ import annotations

from importlib.resources import files

from demos.contract import Chart, Demo
from demos.networks import SENTENCE, TITLE
from demos.networks.code import code
from demos.networks.config import NetworksConfig
from demos.networks.run import run
from demos.networks.scenes import SCENES

EQUATION = (
    r"\dot\theta = -\nabla_\theta \mathcal L \qquad "
    r"\mathbb E\,|\partial\mathcal L/\partial z_l|^2 = \chi_l\;\mathbb E\,|\partial\mathcal L/\partial z_{l+1}|^2"
)


def charts(config: NetworksConfig) -> tuple[Chart, ...]:
    """What stands still."""
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
    name="networks",
    title=TITLE,
    sentence=SENTENCE,
    equation=EQUATION,
    config=NetworksConfig,
    run=run,
    scenes=SCENES,
    code=code,
    explanation=files("demos.networks").joinpath("explanation.md").read_text(encoding="utf-8"),
    charts=charts,
)
