"""Architectures beyond the perceptron, as the dashboard, the command line and the shared tests see them."""

from __future__ import annotations

from demos.contract import Chart, Demo
from demos.contract.reproduce import code_of
from demos.networks.architectures.config import ArchitecturesConfig
from demos.networks.architectures.run import run
from demos.networks.architectures.scenes import SCENES

EQUATIONS = {
    "transformer": r"h' = \mathrm{LN}(h + f(h)) \quad\text{or}\quad h' = h + f(\mathrm{LN}\,h)",
    "cnn": r"z_{l+1} = W_{l+1} * \varphi(z_l) \quad\text{or}\quad z_l + \tfrac{1}{\sqrt L}\,W_{l+1} * \varphi(z_l)",
}

ARTICLE = r"""
**Before the first step.** Gradients of random networks, of a random linear function of their output, layer by layer,
beside mean-field theory: what wide networks do on average.

**Convolutions.** Averaged over all places a 3 × 3 convolution of $c$ channels is a linear layer with $9c$ inputs:
$\chi = \sigma_w^2/2$ for ReLU, which is 1/6 as torch makes it and 1 with He's weights. With skips scaled by
$1/\sqrt L$ it is $1 + \chi/L$. The images are shapes at random places; edges are joined, so that all places are alike.

**Transformers.** At the start queries are 0 and attention is the mean over tokens. Two numbers are enough: the variance
$q$ of a token, and the covariance $p = rq$ of two of them. Attention gives every token the same vector, of variance
$m = (1 + (T-1)r)/T$; the feed-forward layer adds 1 to $q$ and $\kappa(r) = (\sqrt{1-r^2} + r(\pi - \arccos r))/\pi$ to
$p$. Gradients have such a pair as well, and the theory follows both, sublayer by sublayer.

*Post-norm*, $\mathrm{LN}(h + f(h))$, divides at every sublayer: the past is forgotten, what attention adds
stays, and tokens grow alike. *Pre-norm*, $h + f(\mathrm{LN}\,h)$, lets $q$ grow with the depth. Its last norm divides
the gradient by $\sqrt{q}$, so that the last matrix gets $\sqrt{2/q_L}$ of post-norm's: Xiong et al.'s $1/\sqrt L$, and
their reason why post-norm needs small steps in the beginning.

**What this does not show.** Training: what these numbers are after the first steps.

**Sources.** Xiong et al., ICML 2020; Noci et al., NeurIPS 2022; Xiao et al., ICML 2018; Cho & Saul 2009.
"""

CHARTS = (
    Chart(
        "layers",
        "What a layer does",
        "layer",
        "factor",
        "layer",
        "|∂ℒ/∂h_l| over |∂ℒ/∂h_{l+1}|",
        "By what each layer multiplies the gradient on its way back; attention and feed-forward take turns.",
    ),
)

DEMO = Demo(
    name="architectures",
    title="CNN and Transformer",
    sentence="Gradients through convolutions with and without skips, and through pre- and post-norm Transformers.",
    equation=lambda config: EQUATIONS[config.kind],
    config=ArchitecturesConfig,
    run=run,
    scenes=SCENES,
    code=code_of(
        run, "from demos.networks.architectures.law import law_of\nlaw_of(config, config.variants[0]).gradient"
    ),
    charts=lambda config: CHARTS,
    explanation=ARTICLE,
)
