"""The Langevin demo, as the dashboard, the command line and the shared tests see it."""

from __future__ import annotations

from demos.demo import Demo
from demos.langevin.code import code
from demos.langevin.config import LangevinConfig
from demos.langevin.run import run
from demos.langevin.scenes import SCENES

DEMO = Demo(
    name="langevin",
    title="Langevin dynamics",
    sentence="Particles fall downhill and are shaken by heat; their cloud becomes Boltzmann's law.",
    equation=r"dx = -\nabla U(x)\,dt + \sqrt{2\,kT}\;dW \qquad E = U,\ M = 1,\ T = kT",
    config=LangevinConfig, run=run, scenes=SCENES, code=code)
