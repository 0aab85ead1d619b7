"""Toy tasks for a CNN and a Transformer, as the dashboard, the command line and the shared tests see them."""

from __future__ import annotations

from demos.contract import Chart, Demo
from demos.contract.reproduce import code_of
from demos.networks.tasks.config import TasksConfig
from demos.networks.tasks.run import run
from demos.networks.tasks.scenes import SCENES

EQUATIONS = {
    "transformer": r"h' = \mathrm{LN}(h + f(h)) \quad\text{or}\quad h' = h + f(\mathrm{LN}\,h)",
    "cnn": r"z_{l+1} = W_{l+1} * \varphi(z_l) \quad\text{or}\quad z_l + \tfrac{1}{\sqrt L}\,W_{l+1} * \varphi(z_l)",
}

ARTICLE = r"""
**Two tasks.** A Transformer sees five tokens and five blanks, and says at each blank the token that stands five places
before: attention must find it, and carry it there. A CNN sees a disc, a square, a cross or a triangle of random size at
a random place, and says which it is. Both variants of a network get the same first weights, batches and rates.

**The panels.** Loss; gradients of the matrices, first to last, as the monitor measures them, beside those of the first
step; and for each variant what it says: row $i$ has the mean probabilities of all classes where class $i$ is right.
Fresh examples are asked. Chance is a flat square, a network that has learnt a diagonal.

**Post-norm and warm-up.** With many blocks post-norm's last matrices get larger gradients than pre-norm's at first, and
on the way back each of its norms removes a part of the gradient. If the first steps are large it stays at chance; a
warm-up, whose first steps are small, or fewer blocks help it. Pre-norm needs neither (Xiong et al. 2020).

**A CNN without skips**, with torch's default weights, passes $1/\sqrt6$ of the gradient back through each layer, and as
much of the difference between two images forward: after 14 layers all images look alike. $h + f(h)/\sqrt L$ keeps both.

**What is known.** No theory says how fast these learn. What is compared is what they do: what they say and their loss
beside the same network in NumPy, a gradient's length beside the slope of that loss, and every step beside its
optimizer's equations.

**Sources.** Xiong et al., ICML 2020; Vaswani et al., NeurIPS 2017; He et al., CVPR 2016.
"""

CHARTS = (
    Chart(
        "loss",
        "Loss",
        "step",
        "y",
        "step",
        "loss of the batch",
        "The loss of both variants, means of a few batches; one that knows nothing stays at chance.",
    ),
    Chart(
        "profile",
        "Gradients of the matrices",
        "layer",
        "y",
        "matrix, first to last",
        "log₁₀ |∂ℒ/∂θ|",
        "Before the first step and at the end: a network that has learnt gets smaller gradients in all of its layers.",
    ),
    Chart(
        "ratio",
        "How far each matrix moves",
        "layer",
        "y",
        "matrix, first to last",
        "|Δθ| / |θ|",
        "A step over the weights, typical of the run: 10⁻³ is usual, and a matrix far below it stands still.",
        log_y=True,
    ),
)

DEMO = Demo(
    name="tasks",
    title="Toy tasks",
    sentence="The same toy task for two variants of a network: which learns it, and what its gradients are meanwhile.",
    equation=lambda config: EQUATIONS[config.kind],
    config=TasksConfig,
    run=run,
    scenes=SCENES,
    code=code_of(run),
    charts=lambda config: CHARTS,
    explanation=ARTICLE,
)
