"""The escape from a saddle, as the dashboard, the command line and the shared tests see it."""

from __future__ import annotations

from demos.contract import Chart, Demo
from demos.contract.reproduce import code_of
from demos.stochastic.bench.equations import SGD
from demos.stochastic.bench.explanation import EXPLANATION
from demos.stochastic.saddle.config import SaddleConfig
from demos.stochastic.saddle.run import run
from demos.stochastic.saddle.scenes import SCENES

ARTICLE = r"""
**A strict saddle** has a direction of curvature $-\lambda < 0$. Gradient descent from its ridge never sees it. Noise
does: near the saddle the variance along it is exactly

$$V_k = s^2\,\frac{(1+\eta\lambda)^{2k}-1}{(1+\eta\lambda)^2-1},\qquad s = \eta\sigma/\sqrt B,$$

and $\tfrac T\lambda(e^{2\lambda t}-1)$ in the diffusion limit. So the escape takes about $\log(1/s)/\eta\lambda$ steps:
a hundred times less noise costs a few more steps, not a hundred times as many. How many directions lead up does not
matter, as long as the noise has a part along the one that leads down.

**The limits.** Rounding is noise, too, and a generic start is not on the ridge: gradient descent leaves almost every
start in the long run (Lee et al. 2016). A degenerate saddle, of curvature 0, has no such logarithm.

**Sources.** Ge, Huang, Jin & Yuan, COLT 2015; Jin et al., ICML 2017; Lee, Simchowitz, Jordan & Recht, COLT 2016.
"""

CHARTS = (
    Chart(
        "escaped",
        "Share that has left the saddle",
        "step",
        "share",
        "step",
        "share of the chains",
        "SGD's chains leave one after the other, as their exact law says; gradient descent stays.",
    ),
)

DEMO = Demo(
    name="saddle",
    title="Escape from a saddle",
    sentence="Gradient descent can rest on a saddle; the noise of mini-batches leaves it, and exactly when is known.",
    equation=SGD,
    formula=r"\tfrac12 x^2 - (1+\lambda)\log\cosh x + \tfrac12|y|^2",
    config=SaddleConfig,
    run=run,
    scenes=SCENES,
    code=code_of(run, "from demos.stochastic.saddle.law import Law\nLaw(config).escaped_share[-1]"),
    charts=lambda config: CHARTS,
    explanation=EXPLANATION + ARTICLE,
)
