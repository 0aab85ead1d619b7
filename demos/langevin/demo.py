"""The Langevin demo, as the dashboard, the command line and the shared tests see it."""

from __future__ import annotations

from demos.contract import Demo
from demos.langevin import SENTENCE, TITLE
from demos.langevin.code import code
from demos.langevin.config import SAMPLERS, LangevinConfig
from demos.langevin.how import HOW
from demos.langevin.run import run
from demos.langevin.scenes import SCENES

OVERDAMPED = r"dx = -\nabla U(x)\,dt + \sqrt{2\,kT}\;dW \qquad E = U,\ M = 1,\ T = kT"
UNDERDAMPED = (
    r"\begin{aligned} dq &= p/m\,dt \\[-2pt] "
    r"dp &= -\nabla U(q)\,dt - \gamma p\,dt + \sqrt{2\gamma m\,kT}\;dW \end{aligned}"
)


def equation_of(config: LangevinConfig) -> str:
    """LaTeX of what the method of a config follows."""
    return OVERDAMPED if SAMPLERS[config.method].momentum is None else UNDERDAMPED


DEMO = Demo(
    name="langevin",
    title=TITLE,
    sentence=SENTENCE,
    equation=equation_of,
    config=LangevinConfig,
    run=run,
    scenes=SCENES,
    code=code,
    explanation=HOW,
)
