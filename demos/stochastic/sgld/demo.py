"""Stochastic gradient Langevin dynamics, as the dashboard, the command line and the shared tests see it."""

from __future__ import annotations

from demos.contract import Chart, Demo
from demos.contract.reproduce import code_of
from demos.stochastic.bench.explanation import EXPLANATION
from demos.stochastic.sgld.config import SgldConfig
from demos.stochastic.sgld.run import run
from demos.stochastic.sgld.scenes import SCENES

EQUATION = r"\theta' = \theta - \eta\,\widehat{\nabla U}_B(\theta) + \sqrt{2\eta}\,R \qquad M = 1,\ T = 1"

ARTICLE = r"""
**SGLD.** Langevin dynamics at temperature 1 samples $e^{-U}$, the posterior. Take the gradient on a batch, times $N/B$,
and it still does, as long as the batch's noise, $\eta^2 N^2 C/B$ a step, is small beside the injected $2\eta$: their
ratio grows with $\eta$, so small steps are right, and slow.

**Exactly.** For linear regression a step is an affine map that is drawn anew. All moments up to the fourth obey a
linear recursion: it gives the variance at every step, its value in the long run, and the error bar of a measured
variance.
For logistic regression the posterior is known by quadrature, in two dimensions to ten digits; what the steps must give
stands beside as many other chains by other code.

**Control variates** subtract each example's gradient at the mode. What is left of the noise grows with the distance
from there, and a posterior of many examples is narrow: rates several times as large are still right.

**The limits.** Two coefficients, and a mode that is known. Far from the mode control variates add noise. The bias of a
finite $\eta$ stays, here $1/(1-\eta\lambda/2)$ across the narrow direction, whatever the batch.

**Sources.** Welling & Teh, ICML 2011; Baker, Fearnhead, Fox & Nemeth, *Stat. Comput.* 29 (2019) 599; Brosse, Moulines &
Durmus, NeurIPS 2018.
"""

CHARTS = (
    Chart(
        "excess",
        "Where it stops being a sampler",
        "lr",
        "ratio",
        "learning rate, in 1/λ",
        "largest variance over the posterior's",
        "Exact, in the long run. All data cost only the bias of the step; batches add their noise; control variates "
        "take most of that away.",
        log_x=True,
        log_y=True,
    ),
)

DEMO = Demo(
    name="sgld",
    title="SGLD",
    sentence="Mini-batches plus injected noise sample a posterior: beside the exact one, until the steps are too long.",
    equation=EQUATION,
    formula=r"\tfrac12|\theta|^2 + \sum_a \ell_a(x_a\cdot\theta)",
    config=SgldConfig,
    run=run,
    scenes=SCENES,
    code=code_of(run, "from demos.stochastic.sgld.model import model_for\nmodel_for(config).posterior.covariance"),
    charts=lambda config: CHARTS,
    explanation=EXPLANATION + ARTICLE,
)
