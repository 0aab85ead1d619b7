"""The best batch size, as the dashboard, the command line and the shared tests see it."""

from __future__ import annotations

from demos.contract import Chart, Demo
from demos.contract.reproduce import code_of
from demos.stochastic.batch_size.config import BatchSizeConfig
from demos.stochastic.batch_size.run import run
from demos.stochastic.batch_size.scenes import SCENES
from demos.stochastic.batch_size.studies import NOISE_SCALE
from demos.stochastic.bench.equations import SGD
from demos.stochastic.bench.explanation import EXPLANATION

ARTICLE = r"""
**A budget.** $E$ examples make $S = E/B$ steps. On a quadratic with fresh examples the expected loss is exactly

$$\tfrac12\sum_i h_i\Big(r_i x_0^2 + \frac{\eta^2 C_i}{B}\,\frac{1-r_i}{1-(1-\eta h_i)^2}\Big),\qquad
r_i=(1-\eta h_i)^{2S}.$$

Small batches end on a floor of noise, large ones have too few steps: between them is the best size. It grows with the
learning rate and with the budget. In a general network nothing guarantees one: where the noise is small beside what
training still has to do, the smallest batch that the hardware likes is best, and where steps are free, the largest.

**The noise scale** $B_s = \operatorname{tr}\Sigma/|G|^2$ says from which size on a batch is mostly signal. It needs
gradients of single examples, or gradients of batches of two sizes, and it grows during training.

**Sources.** McCandlish, Kaplan, Amodei et al., arXiv:1812.06162; Smith & Le, ICLR 2018.
"""

CHARTS = (
    Chart(
        "losses",
        "Loss at the end of the budget",
        "batch",
        "loss",
        "batch size B",
        "loss",
        "What is left of the start rises with B, the noise falls: their sum has a minimum.",
        log_x=True,
        log_y=True,
        kind="points",
        error="error",
    ),
)

DEMO = Demo(
    name="batch_size",
    title="Batch size",
    sentence="A budget of examples, spent in batches of every size: where the best one is, and when there is none.",
    equation=SGD,
    formula=r"\tfrac12\sum_i h_i x_i^2",
    config=BatchSizeConfig,
    run=run,
    scenes=SCENES,
    code=code_of(run, "from demos.stochastic.batch_size.law import best_size\nbest_size(config)"),
    charts=lambda config: CHARTS,
    studies=lambda config: (NOISE_SCALE,),
    explanation=EXPLANATION + ARTICLE,
)
