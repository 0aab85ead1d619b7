"""The energy demo, as the dashboard, the command line and the shared tests see it."""

from __future__ import annotations

from demos.contract import Demo
from demos.gradient_flow import METHODS
from demos.physics.code import code
from demos.physics.config import EnergyConfig
from demos.physics.how import HOW
from demos.physics.menu import COOLED_BY
from demos.physics.run import run
from demos.physics.scenes import SCENES

COLD = r"dx = -M\,\nabla E(x)\,dt \quad x \in C \qquad T = 0"
WARM = r"dx = -M\,\nabla E(x)\,dt + \sqrt{2\,kT\,M}\;dW"
SHAKEN = r"dq = p\,dt \quad dp = -\nabla E(q)\,dt - p\,dt + \sqrt{2\,kT}\;dW"


def equation_of(config: EnergyConfig) -> str:
    """LaTeX of what a config follows: with noise where it has a temperature, which annealing lets fall."""
    if config.system == "spins" and config.kT > 0:
        return _two_lines(WARM, f"T = kT = {config.kT:g}")
    if config.method == "annealing":
        moves = rf"{WARM} \quad x \in C" if METHODS[COOLED_BY[config.system]].momentum is None else SHAKEN
        return _two_lines(moves, rf"T = kT:\ {config.hot:g} \to {config.cold:g}")
    return COLD


def _two_lines(first: str, second: str) -> str:
    return rf"\begin{{gathered}} {first} \\ {second} \end{{gathered}}"


DEMO = Demo(
    name="energy",
    title="Energy minimization",
    sentence="Physical systems fall down their energy to rest, each beside its known truth.",
    equation=equation_of,
    config=EnergyConfig,
    run=run,
    scenes=SCENES,
    code=code,
    explanation=HOW,
)
