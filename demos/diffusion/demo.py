"""The diffusion demo, as the dashboard, the command line and the shared tests see it."""

from __future__ import annotations

from pathlib import Path

from demos.contract import Demo
from demos.diffusion import SENTENCE, TITLE
from demos.diffusion.code import code
from demos.diffusion.config import DiffusionConfig
from demos.diffusion.processes import PROCESSES
from demos.diffusion.run import run
from demos.diffusion.samplers import SAMPLERS
from demos.diffusion.scenes import SCENES


def _explanation() -> str:
    """explanation.md, with a line for each sampler and each process of the tables."""
    text = Path(__file__).with_name("explanation.md").read_text(encoding="utf-8")
    samplers = "\n".join(f"- {sampler.label}: {sampler.description}" for sampler in SAMPLERS.values())
    processes = "\n".join(f"- {kind.label}: ${kind.formula}$ ({kind.paper})" for kind in PROCESSES.values())
    return text.replace("SAMPLERS", samplers).replace("PROCESSES", processes)


DEMO = Demo(
    name="diffusion",
    title=TITLE,
    sentence=SENTENCE,
    equation=r"dx = -(1+\lambda)\,\sigma\,\nabla E\,dt + \sqrt{2\lambda\sigma}\;dW,\quad E = -\log p_\sigma",
    config=DiffusionConfig,
    run=run,
    scenes=SCENES,
    code=code,
    explanation=_explanation(),
)
