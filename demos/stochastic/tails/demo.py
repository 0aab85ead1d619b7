"""Heavy tails, as the dashboard, the command line and the shared tests see them."""

from __future__ import annotations

from demos.contract import Chart, Demo
from demos.contract.reproduce import code_of
from demos.stochastic.bench.explanation import EXPLANATION
from demos.stochastic.tails.config import TailsConfig
from demos.stochastic.tails.run import run
from demos.stochastic.tails.scenes import SCENES

EQUATION = r"x' = (1-\eta a)\,x + \eta b,\qquad a = \tfrac1B\sum z_i^2,\ b = \tfrac\sigma B\sum z_i\varepsilon_i"

ARTICLE = r"""
**Multiplicative noise.** In least squares a batch has its own curvature $a$, so a step multiplies the weight by the
random number $1 - \eta a$. Products of random numbers have power-law tails: $P(|x|>q)\sim q^{-\alpha}$ with

$$E\,|1-\eta a|^\alpha = 1.$$

Steps may be stable ($E\log|1-\eta a| < 0$: every chain comes back) and still leave an infinite variance
($\alpha \le 2$, from $\eta = 2/(1+2/B)$ on). Larger batches and smaller rates thin the tail.

**Hill's estimate** of $\alpha$ is one over the mean of $\log(|x|/q)$ beyond a threshold $q$. It is biased, because the
distribution is a power only far out; what it must give at this threshold is computed from the exact distribution of the
step, on a grid in $\log|x|$, and stands beside it.

**The limits.** With a fixed data set of bounded examples the tail ends somewhere. In deep networks heavy tails of the
gradient noise were reported by Simsekli et al. 2019 and disputed since: what is exact here is this one model.

**Sources.** Kesten 1973; Goldie 1991; Simsekli, Sagun & Gurbuzbalaban, ICML 2019; Gurbuzbalaban, Simsekli & Zhu, ICML
2021; Hodgkinson & Mahoney, ICML 2021.
"""

CHARTS = (
    Chart(
        "tail",
        "Tail at the end",
        "x",
        "share",
        "|x|",
        "share of the chains farther out",
        "Measured, exact, and of the Gaussian with the same median.",
        log_x=True,
        log_y=True,
    ),
)

DEMO = Demo(
    name="tails",
    title="Heavy tails",
    sentence="Gradient noise that grows with the weight gives power-law tails: the exponent beside Hill's estimate.",
    equation=EQUATION,
    formula=r"\tfrac12\,E\,(z x - \sigma\varepsilon)^2",
    config=TailsConfig,
    run=run,
    scenes=SCENES,
    code=code_of(run, "from demos.stochastic.tails.law import tail_exponent\ntail_exponent(config)"),
    charts=lambda config: CHARTS,
    explanation=EXPLANATION + ARTICLE,
)
