"""Rescaling, as the dashboard, the command line and the shared tests see it."""

from __future__ import annotations

from demos.contract import Chart, Demo
from demos.contract.reproduce import code_of
from demos.stochastic.bench.explanation import EXPLANATION
from demos.stochastic.rescaling.config import RescalingConfig
from demos.stochastic.rescaling.run import run
from demos.stochastic.rescaling.scenes import SCENES

EQUATION = r"f(x) = \sum_j \frac{v_j}{a}\,\max\!\big(0,\; a w_j x + a b_j\big) \qquad\text{for every } a > 0"

ARTICLE = r"""
**The same function.** Since $\max(0, az) = a\max(0,z)$, multiplying one layer by $a$ and dividing the next by it
changes no output, on any data. The Hessian becomes $D^{-1}HD^{-1}$ with the factors on $D$'s diagonal: its largest
eigenvalue grows like $a^2$. So "flat minima generalize" cannot be about the function: every minimum has copies as
sharp as you like.

**What is left of it.** An optimizer lives among weights, not among functions. Gradient descent leaves a minimum of
sharpness $\lambda > 2/\eta$, so it does choose among the copies. Measures that respect the symmetry do not change,
such as $\sum_i\theta_i^2\,\partial^2 L/\partial\theta_i^2$.

**Sources.** Dinh, Pascanu, Bengio & Bengio, ICML 2017; Tsuzuku, Sato & Sugiyama, ICML 2020; Kwon et al., ICML 2021.
"""

CHARTS = (
    Chart(
        "descent",
        "Gradient descent beside the minimum",
        "step",
        "distance",
        "step",
        "distance along the sharpest direction",
        "Linear stability has a factor of |1 − lr λ| in every step: past lr = 2/λ it grows.",
        log_y=True,
    ),
)

DEMO = Demo(
    name="rescaling",
    title="Rescaling",
    sentence="Flatness is not a property of the function: the same network, as sharp as you like.",
    equation=EQUATION,
    formula=r"\tfrac1{2N}\sum_i (f(x_i) - y_i)^2",
    config=RescalingConfig,
    run=run,
    scenes=SCENES,
    code=code_of(
        run, "from demos.stochastic.rescaling.network import Network\nNetwork(config).sharpest(config.factor)[0]"
    ),
    charts=lambda config: CHARTS,
    explanation=EXPLANATION + ARTICLE,
)
