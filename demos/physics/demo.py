"""The energy demo, as the dashboard, the command line and the shared tests see it."""

from __future__ import annotations

from demos.demo import Demo
from demos.physics.code import code
from demos.physics.config import EnergyConfig
from demos.physics.run import run
from demos.physics.scenes import SCENES

DEMO = Demo(
    name="energy",
    title="Energy minimization",
    sentence="Physical systems fall down their energy to rest, each beside its known truth.",
    equation=r"dx = -M\,\nabla E(x)\,dt \quad x \in C \qquad T = 0",
    config=EnergyConfig, run=run, scenes=SCENES, code=code)
