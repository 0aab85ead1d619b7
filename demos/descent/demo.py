"""FAMILY: the page of descent; DEMO: its landscapes. The other demos have folders of their own."""

from __future__ import annotations

from importlib.resources import files

from demos.contract import Demo, Family
from demos.descent import SENTENCE, TITLE
from demos.descent.charts import charts
from demos.descent.code import code
from demos.descent.config import DescentConfig
from demos.descent.early_stopping.demo import DEMO as EARLY_STOPPING
from demos.descent.edge.demo import DEMO as EDGE
from demos.descent.optimizers import LABELS, OPTIMIZERS
from demos.descent.run import run
from demos.descent.scenes import SCENES
from demos.descent.studies import studies

FLOW = r"dx = -\nabla E(x)\,dt \qquad M = 1,\ T = 0"


def equation(config: DescentConfig) -> str:
    """LaTeX of the flow, and of a step of the first method."""
    first = config.methods[0]
    step = OPTIMIZERS[first].formula.replace("h M", "h")
    return rf"{FLOW} \qquad \text{{{LABELS[first]}: }}\ {step}"


DEMO = Demo(
    name="descent",
    title="Paths on a landscape",
    sentence=SENTENCE,
    equation=equation,
    config=DescentConfig,
    run=run,
    scenes=SCENES,
    code=code,
    explanation=files("demos.descent").joinpath("explanation.md").read_text(encoding="utf-8"),
    charts=charts,
    studies=studies,
)

FAMILY = Family(
    name="descent",
    title=TITLE,
    sentence=SENTENCE,
    members={demo.name: demo for demo in (DEMO, EDGE, EARLY_STOPPING)},
    parameter="panel",
    label="Panel",
)
