"""A root in a loss, as the dashboard, the command line and the shared tests see it."""

from __future__ import annotations

from importlib.resources import files

from demos.contract import Chart, Demo
from demos.contract.reproduce import RUN, arguments_of
from demos.networks.sqrt.config import SqrtConfig
from demos.networks.sqrt.run import run
from demos.networks.sqrt.scenes import SCENES

CHARTS = (
    Chart(
        "slope",
        "Slope of the root",
        "x",
        "y",
        "x",
        "d√/dx",
        "By backward, and that of the bare root: cures cut it off where x is about ε.",
        log_x=True,
        log_y=True,
    ),
)


def code(config: SqrtConfig) -> str:
    """Two programs: one gradient at 0, and the whole run by `run(config)` with its checks."""
    return f"""from demos.networks.sqrt.config import SqrtConfig
from demos.networks.sqrt.root import slope_by_autograd
from demos.networks.sqrt.run import run

config = SqrtConfig({arguments_of(config)})
print(slope_by_autograd([0.0], config.cure, config.epsilon))  # at x = 0

{RUN}"""


DEMO = Demo(
    name="sqrt",
    title="A root in a loss",
    sentence="The gradient of √x explodes at 0: what becomes of a descent, and which cures help.",
    equation=r"\dot w = -\partial_w \sqrt{w^2} = -\,2w \cdot \frac{1}{2\sqrt{w^2}}",
    config=SqrtConfig,
    run=run,
    scenes=SCENES,
    code=code,
    explanation=files("demos.networks.sqrt").joinpath("explanation.md").read_text(encoding="utf-8"),
    charts=lambda config: CHARTS,
)
