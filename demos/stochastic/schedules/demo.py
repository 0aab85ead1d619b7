"""Schedules, as the dashboard, the command line and the shared tests see them."""

from __future__ import annotations

from demos.contract import Chart, Demo
from demos.contract.reproduce import code_of
from demos.stochastic.bench.equations import SGD
from demos.stochastic.bench.explanation import EXPLANATION
from demos.stochastic.schedules.config import SchedulesConfig
from demos.stochastic.schedules.run import run
from demos.stochastic.schedules.scenes import SCENES

ARTICLE = r"""
**Bias and noise.** On a quadratic the mean loss is a sum: what is left of the start, and noise. A constant rate forgets
the start exponentially and settles at $\tfrac12\sum_i \eta C_i/(2-\eta h_i)$; a falling one trades the first for the
second. Every rule here is linear in the noise, so mean and covariance of each step are known, averages included: two
coupled numbers a direction, $(x,\bar x)$.

**Averages.** With $k$ batches no estimate does better in the long run than $\tfrac12\operatorname{tr}(CH^{-1})/k$, the
Cramér–Rao bound. Polyak's average reaches it with any stable rate, as soon as the start is forgotten: the start leaves
the mean only as $1/k$. Before, a start nearby is knowledge of its own, and losses below the bound are no wonder: it is
drawn from where a constant rate has forgotten the start. Schedule-Free, whose gradient is taken at
$y=(1-\beta)z+\beta x$, comes to $1/(1-\beta^2)$ times the bound on a quadratic, 5.3 at $\beta = 0.9$, from below.

**The limits.** A quadratic has one curvature for ever. Warm-up, and much of what schedules do for networks, is about
curvature that changes on the way; here it can be seen that noise alone does not ask for it.

**Sources.** Polyak & Juditsky, *SIAM J. Control Optim.* 30 (1992) 838; Loshchilov & Hutter, ICLR 2017; Goyal et al.,
arXiv:1706.02677; Defazio et al., NeurIPS 2024.
"""

CHARTS = (
    Chart(
        "losses",
        "The noise in the loss",
        "step",
        "loss",
        "step",
        "exact loss from noise alone",
        "A constant rate has its noise at once; falling rates and averages let it go.",
        log_x=True,
        log_y=True,
    ),
    Chart(
        "rates",
        "Learning rates",
        "step",
        "rate",
        "step",
        "learning rate",
        "Polyak averaging and Schedule-Free have the constant rate.",
    ),
)

DEMO = Demo(
    name="schedules",
    title="Schedules",
    sentence="Seven schedules of the learning rate on the same batches, each beside its exact mean and covariance.",
    equation=SGD,
    formula=r"\tfrac12\sum_i h_i x_i^2",
    config=SchedulesConfig,
    run=run,
    scenes=SCENES,
    code=code_of(run, "from demos.stochastic.schedules.law import law\nlaw(config, 'polyak').loss(config.steps)"),
    charts=lambda config: CHARTS,
    explanation=EXPLANATION + ARTICLE,
)
