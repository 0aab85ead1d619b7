"""Sensitivity and importance, as the dashboard, the command line and the shared tests see them."""

from __future__ import annotations

from demos.contract import Chart, Demo
from demos.contract.reproduce import code_of
from demos.networks.sensitivity.config import SensitivityConfig
from demos.networks.sensitivity.run import run
from demos.networks.sensitivity.scenes import SCENES

EQUATION = (
    r"\mathcal L(m_j = 0) - \mathcal L = -\,\theta_j\!\cdot\!\nabla_{\theta_j}\mathcal L"
    r" + \tfrac12\,\partial^2_{m_j}\mathcal L + \dots"
)

ARTICLE = r"""
**What is a unit worth?** Give every hidden unit a multiplier $m$ of its output: 1 in the network, 0 where it is
taken out. A ReLU unit obeys $\max(0, mz) = m\max(0, z)$, so that
$\partial\mathcal L/\partial m = \sum\theta\,\partial\mathcal L/\partial\theta$, over the weights that lead in, and just
as well over those that lead out. Its size is Taylor's importance $|\theta\cdot g|$, by which networks are pruned.

**How far it reaches.** In the last hidden layer the loss is a parabola in $m$: two derivatives are exact, one is not.
Training brings $\theta\cdot g$ to 0 for every unit, whatever the unit is worth: at a minimum the gradient says nothing
about removal, and all of it is second order (*optimal brain damage*). In the first layer units of the next one turn on
and off meanwhile, and the parabola is an approximation.

**Measured and true.** Removing is a run of the network without the unit. Beside it stands
$-\int_0^1\partial\mathcal L/\partial m\,dm$, from gradients along the way out alone.

**Inputs.** $\partial f/\partial x$ is the product of the matrices of the units that answer; the chart follows it, and
$\partial\mathcal L/\partial x$, through training.

**Sources.** LeCun, Denker & Solla, NeurIPS 1989; Molchanov et al., ICLR 2017 and CVPR 2019; Sundararajan, Taly & Yan,
ICML 2017; Du, Hu & Lee, NeurIPS 2018.
"""

CHARTS = (
    Chart(
        "inputs",
        "Sensitivity to the inputs",
        "step",
        "size",
        "step",
        "mean over examples",
        "How much the output, and each example's loss, change with the input: the one grows while the other falls.",
        log_y=True,
    ),
)

DEMO = Demo(
    name="sensitivity",
    title="Importance of units",
    sentence="What a unit is worth: predicted by its gradient, and measured by taking it out.",
    equation=EQUATION,
    config=SensitivityConfig,
    run=run,
    scenes=SCENES,
    code=code_of(run),
    charts=lambda config: CHARTS,
    explanation=ARTICLE,
)
