"""The diagonal linear network, as the dashboard, the command line and the shared tests see it."""

from __future__ import annotations

from demos.contract import Chart, Demo
from demos.contract.reproduce import code_of
from demos.stochastic.bench.explanation import EXPLANATION
from demos.stochastic.diagonal.config import DiagonalConfig
from demos.stochastic.diagonal.run import run
from demos.stochastic.diagonal.scenes import SCENES

EQUATION = r"dw = -2\,w\odot g\,dt + \text{noise},\quad dv = +2\,v\odot g\,dt + \text{noise},\qquad g = \nabla_\beta E"

ARTICLE = r"""
**The network.** $\beta = w^2 - v^2$, from $w = v = \alpha$: two layers without any mixing. A step multiplies $w$ by
$1-2\eta g$ and $v$ by $1+2\eta g$, so $w\,v$ shrinks by $1-(2\eta g)^2$, whatever $g$ is: the *effective*
$\alpha$ is $\sqrt{|wv|}$. Gradient flow keeps it; steps, and batches that disagree, shrink it, together by
$\sum_t\log|1-(2\eta g_t)^2|$.

**Why that matters.** Flow and (S)GD end at the interpolating $\beta$ of least hyperbolic entropy with this $\alpha$.
A large $\alpha$ gives the least $\ell_2$ norm, all coefficients a little wrong; a small one nearly the least $\ell_1$
norm, which finds a sparse truth. Labels with fresh noise never let the gradient die, so $\alpha$ falls on and on. Large
batches need more steps for it; small ones keep their own heat, about $2\eta\sigma^2\sum|\beta_i|/B$. Between
them is the best batch size, and it grows with $\eta$.

**The limits.** One model, Gaussian data, a sparse truth. The best size depends on the number of steps too: with many
more of them large batches catch up. Gradient descent's own $\alpha$ falls a little, and it does not help it here.

**The map** under the picture ships with the project: 48 chains each, by
`python -m demos.stochastic.diagonal.error_map`.

**Sources.** Woodworth et al., COLT 2020; Pesme, Pillaud-Vivien & Flammarion, NeurIPS 2021, who call the diffusion limit
*stochastic gradient flow*; Pillaud-Vivien, Reygner & Flammarion, COLT 2022; Even, Pesme, Gunasekar & Flammarion,
NeurIPS 2023.
"""

CHARTS = (
    Chart(
        "map",
        "Test error over learning rate and batch size",
        "batch",
        "error",
        "batch size B",
        "test error",
        "With label noise 0.6 after 20,000 steps, computed before; bars are standard errors. The minimum moves to "
        "larger batches as the rate grows.",
        kind="points",
        log_x=True,
        log_y=True,
        error="uncertainty",
    ),
    Chart(
        "alpha",
        "Effective α over steps",
        "step",
        "alpha",
        "step",
        "effective α",
        "Geometric mean over coefficients and chains. Gradient flow conserves it.",
        log_x=True,
        log_y=True,
    ),
)

DEMO = Demo(
    name="diagonal",
    title="Diagonal linear network",
    sentence="Noise as a regularizer: noisy steps shrink the effective α, and a small α finds the sparse truth.",
    equation=EQUATION,
    formula=r"\tfrac1{2n}|X(w^2 - v^2) - y|^2",
    config=DiagonalConfig,
    run=run,
    scenes=SCENES,
    code=code_of(run, "from demos.stochastic.diagonal.error_map import best_sizes, shipped\nbest_sizes(shipped())"),
    charts=lambda config: CHARTS,
    explanation=EXPLANATION + ARTICLE,
)
