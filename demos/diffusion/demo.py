"""The diffusion demo, as the dashboard, the command line and the shared tests see it."""

from __future__ import annotations

from demos.contract import Demo
from demos.diffusion.code import code
from demos.diffusion.config import DiffusionConfig
from demos.diffusion.how import HOW
from demos.diffusion.run import run
from demos.diffusion.scenes import SCENES

DEMO = Demo(
    name="diffusion",
    title="Score-based diffusion",
    sentence="Noise becomes data by rolling down −log p_σ while the noise level σ falls.",
    equation=r"dx = -(1+\lambda)\,\sigma\,\nabla E\,dt + \sqrt{2\lambda\sigma}\;dW,\quad E = -\log p_\sigma",
    config=DiffusionConfig,
    run=run,
    scenes=SCENES,
    code=code,
    explanation=HOW,
)
