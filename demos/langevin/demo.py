"""The Langevin demo, as the dashboard, the command line and the shared tests see it."""

from __future__ import annotations

from importlib.resources import files

from demos.contract import Demo
from demos.langevin import SENTENCE, TITLE
from demos.langevin.code import code
from demos.langevin.config import LangevinConfig
from demos.langevin.run import run
from demos.langevin.samplers import has_momentum
from demos.langevin.scenes import SCENES

OVERDAMPED = r"dx = -\nabla U(x)\,dt + \sqrt{2\,kT}\;dW \qquad E = U,\ M = 1,\ T = kT"
UNDERDAMPED = (
    r"\begin{aligned} dq &= p/m\,dt \\[-2pt] "
    r"dp &= -\nabla U(q)\,dt - \gamma p\,dt + \sqrt{2\gamma m\,kT}\;dW \end{aligned}"
)


def equation(config: LangevinConfig) -> str:
    """LaTeX of the equation that the method of a config discretizes."""
    return UNDERDAMPED if has_momentum(config.method) else OVERDAMPED


DEMO = Demo(
    name="langevin",
    title=TITLE,
    sentence=SENTENCE,
    equation=equation,
    config=LangevinConfig,
    run=run,
    scenes=SCENES,
    code=code,
    explanation=files("demos.langevin").joinpath("explanation.md").read_text(encoding="utf-8"),
)
