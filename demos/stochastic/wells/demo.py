"""Flat and sharp wells, as the dashboard, the command line and the shared tests see them."""

from __future__ import annotations

from demos.contract import Chart, Demo
from demos.contract.reproduce import code_of
from demos.stochastic.bench.equations import SGD
from demos.stochastic.bench.explanation import EXPLANATION
from demos.stochastic.wells.config import WellsConfig
from demos.stochastic.wells.run import run
from demos.stochastic.wells.scenes import SCENES
from demos.stochastic.wells.studies import TEST_LOSS

ARTICLE = r"""
**Two wells of one depth**, of curvature 40 and 2. In the long run Gibbs's law $e^{-E/T}$ has
$\sqrt{h_s/h_f}\,e^{-\Delta E/T}$ times as much in the flat one, only because it is wider. How long that takes is
another matter: a barrier of many $T$ is crossed after a time like $e^{\Delta E/T}$, here exactly by the mean
first-passage integral.

**Two reasons for flat minima.** *Temperature*: noise leaves narrow wells sooner. *Stability*: a step of
$\eta > 2/h$ cannot stay in a well of curvature $h$, with noise or without.

**The exact distribution.** A step is $x' = x - \eta E'(x) + $ normal noise: the density after each step follows from
the last by one integral, by quadrature. Shares, waiting times and time averages beside the picture come from it.

**The limits of the lesson.** That a flat minimum generalizes better holds here because the test loss is the landscape
shifted a little. Flatness itself depends on how a network is written down: see the panel on rescaling.

**Sources.** Keskar et al., ICLR 2017; Jastrzębski et al., arXiv:1711.04623; Wu, Ma & E, NeurIPS 2018.
"""

CHARTS = (
    Chart(
        "share",
        "Share in the flat well",
        "step",
        "share",
        "step",
        "share of the chains",
        "Measured, by the exact distribution of every step, and by Gibbs's law in the long run.",
    ),
)

DEMO = Demo(
    name="wells",
    title="Flat and sharp wells",
    sentence="Which minimum does SGD choose? By temperature, by stability, and by how long it has.",
    equation=SGD,
    formula=r"-\tfrac1k\log\big(e^{-k\,20(x+0.6)^2} + e^{-k\,(x-0.6)^2}\big),\quad k = 6",
    config=WellsConfig,
    run=run,
    scenes=SCENES,
    code=code_of(run, "from demos.stochastic.wells.law import Law\nLaw(config).gibbs_share"),
    charts=lambda config: CHARTS,
    studies=lambda config: (TEST_LOSS,),
    explanation=EXPLANATION + ARTICLE,
)
