"""The linear scaling rule, as the dashboard, the command line and the shared tests see it."""

from __future__ import annotations

from demos.contract import Chart, Demo
from demos.contract.reproduce import code_of
from demos.stochastic.bench.equations import SGD
from demos.stochastic.bench.explanation import EXPLANATION
from demos.stochastic.scaling.config import ScalingConfig
from demos.stochastic.scaling.run import run
from demos.stochastic.scaling.scenes import SCENES

ARTICLE = r"""
**The rule.** When the batch is $k$ times as large, take $k$ times the learning rate. In the diffusion limit only
$\eta/B$ occurs: over the same time $t = \eta k$ the law of the weights is the same. So it is an equality of laws, not
only of speeds, and as good as the limit is.

**Where it ends.** Discrete steps of direction $h$ settle at $\eta C/(Bh(2-\eta h))$, the limit at $\eta C/2Bh$: they
differ by a tenth at $\eta h \approx 0.2$ in the variance, and by any factor near $\eta h = 2$. Beyond that no batch,
however large, can follow. Warm-up is how training gets past the early steps, where the curvature is largest.

**Sources.** Goyal et al., arXiv:1706.02677; Smith, Kindermans, Ying & Le, ICLR 2018; Malladi et al., NeurIPS 2022.
"""

CHARTS = (
    Chart(
        "losses",
        "Loss at the end",
        "batch",
        "loss",
        "batch size B",
        "loss",
        "All batch sizes had the same lr/B and the same time; the rule says that they end alike.",
        kind="points",
        log_x=True,
        log_y=True,
        error="error",
    ),
)

DEMO = Demo(
    name="scaling",
    title="Linear scaling rule",
    sentence="The same lr/B gives the same training, until the learning rate comes near its limit.",
    equation=SGD,
    formula=r"\tfrac12\sum_i h_i x_i^2",
    config=ScalingConfig,
    run=run,
    scenes=SCENES,
    code=code_of(run, "from demos.stochastic.scaling.run import rule_holds_to\nrule_holds_to(config)"),
    charts=lambda config: CHARTS,
    explanation=EXPLANATION + ARTICLE,
)
