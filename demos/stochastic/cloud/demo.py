"""The cloud at the bottom of a quadratic, as the dashboard, the command line and the shared tests see it."""

from __future__ import annotations

from demos.contract import Chart, Demo
from demos.contract.reproduce import code_of
from demos.stochastic.bench.equations import SGD
from demos.stochastic.bench.explanation import EXPLANATION
from demos.stochastic.cloud.config import CloudConfig
from demos.stochastic.cloud.run import run
from demos.stochastic.cloud.scenes import SCENES

ARTICLE = r"""
**A quadratic.** The loss of example $a$ is $\tfrac12 (x-a)^\top H (x-a)$. Every direction is a linear filter of its
batch means, so the law of every step is known. In the long run $S = (I-\eta H)S(I-\eta H) + \eta^2 C/B$, per direction
$\eta C/(Bh(2-\eta h))$; the diffusion limit has $\eta C/(2Bh)$. Here $C = \sigma^2 H$, as in least squares at its
minimum: the limit's cloud is round.

**Momentum** multiplies the temperature by $1/(1-\beta)$. **Without replacement** the noise is smaller by
$(N-B)/(N-1)$. **Reshuffled** batches of an epoch make up for each other; the variance here is exact, from the moments
of sums over random orders (Wald & Wolfowitz 1944).

**Sources.** Mandt, Hoffman & Blei, *JMLR* 18 (2017) 134; Gürbüzbalaban, Ozdaglar & Parrilo, *Math. Program.* 186 (2021)
49.
"""

CHARTS = (
    Chart(
        "variance",
        "Variance over steps",
        "step",
        "variance",
        "step",
        "variance",
        "Measured, exact for discrete steps, and by the diffusion limit, in both directions.",
        log_y=True,
    ),
)

DEMO = Demo(
    name="cloud",
    title="Cloud in a quadratic",
    sentence="Mini-batch noise keeps SGD from its minimum: the cloud beside its exact covariance.",
    equation=SGD,
    formula=r"\tfrac1{2N}\sum_a (x-a)^\top H\,(x-a)",
    config=CloudConfig,
    run=run,
    scenes=SCENES,
    code=code_of(
        run,
        "from demos.stochastic.cloud.law import Law\n[Law(config).moments(axis, config.steps) for axis in (0, 1)]",
    ),
    charts=lambda config: CHARTS,
    explanation=EXPLANATION + ARTICLE,
)
