"""Phase fields, as the dashboard, the command line and the shared tests see them."""

from __future__ import annotations

from demos.contract import Demo
from demos.physics.bench.code import code_of
from demos.physics.bench.equations import COLD
from demos.physics.bench.explanation import EXPLANATION
from demos.physics.phase_field.charts import charts
from demos.physics.phase_field.config import PhaseFieldConfig
from demos.physics.phase_field.run import run
from demos.physics.phase_field.scenes import SCENES
from demos.physics.phase_field.studies import studies

DEMO = Demo(
    name="phase",
    title="Phase field",
    sentence="Two phases part, and then the walls between them shorten.",
    equation=COLD,
    formula=r"\int \tfrac\gamma2|\nabla c|^2 + \tfrac14(c^2-1)^2",
    config=PhaseFieldConfig,
    run=run,
    scenes=SCENES,
    code=code_of(
        run,
        "from demos.physics.phase_field.model import PhaseField",
        "PhaseField(int(config.grid), config.gamma, 'L2' if config.metric == 'L2' else 'H-1').system()",
    ),
    charts=charts,
    studies=studies,
    explanation=EXPLANATION,
)
