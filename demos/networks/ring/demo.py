"""The GAN on a ring, as the dashboard, the command line and the shared tests see it."""

from __future__ import annotations

from demos.contract import Chart, Demo
from demos.contract.reproduce import code_of
from demos.networks.ring.config import RingConfig
from demos.networks.ring.run import run
from demos.networks.ring.scenes import SCENES

EQUATION = (
    r"\dot\theta_G = -M_G\,\nabla_{\theta_G} \mathcal L_G \qquad "
    r"\dot\theta_D = -M_D\,\nabla_{\theta_D} \mathcal L_D"
)

FORMULA = (
    r"\mathcal L_D = -\mathbb E \log\sigma(D(x)) - \mathbb E\log(1-\sigma(D(G(z)))) + \tfrac\gamma2\,"
    r"\mathbb E\,|\partial D/\partial x|^2"
)

ARTICLE = r"""
**The game.** A generator $G$ makes points of normal noise; a discriminator $D$ tells them from points of the data,
eight normal distributions on a circle. Each goes down its own loss by Adam, the discriminator first.

**Mode collapse.** For a discriminator that stands still the best generator puts all its points where $D$ is largest.
One that learns faster than the discriminator does just that: the points gather in one mode, the discriminator learns
that this mode is made up, and they move on to the next. Slower, it sees a discriminator that has nearly come to its
optimum $D = \log(p_\text{data}/p_G)$, whose gradient pulls points apart.

**Cures, one at a time.** A faster discriminator (two time scales); R1, a price on its slope at the data, which keeps it
from being steep; pairs of points, by which a lack of variety can be seen.

**Whose gradient is larger?** Their ratio is drawn. When made and true points can be told apart the discriminator's
gradient falls and the generator's does not: with the non-saturating loss a ratio far above 1 is a generator that is
being told where to go, not an error. It says little about the modes; count these. The
doctor has nothing to report of a collapse: no gradient is ill.

**What is known.** No theory says how many modes such a training holds. What is known exactly is the ring, and what
these two networks do: fresh points of the generator must be as the shown ones are, and every step must be Adam's, with
gradients written out by hand. A mode is held if 1/64 of the points, an eighth of what is due, lie within 3σ of it. The
squared distance between the cloud and the ring's density is the maximum mean discrepancy.

**Sources.** Goodfellow et al., NeurIPS 2014; Metz et al., ICLR 2017 (the ring); Heusel et al., NeurIPS 2017 (two time
scales); Mescheder et al., ICML 2018 (R1); Lin et al., NeurIPS 2018 (PacGAN); Gretton et al., JMLR 2012.
"""

CHARTS = (
    Chart(
        "ratio",
        "Whose gradient is larger",
        "step",
        "ratio",
        "step",
        "|g| of the generator over |g| of the discriminator",
        "The generator's gradient over the discriminator's, each of its own loss; medians of nine steps.",
        log_y=True,
    ),
    Chart(
        "modes",
        "Modes held",
        "step",
        "held",
        "step",
        "modes, of 8",
        "How many modes have an eighth of their due or more. Collapse is not final: points wander from mode to mode.",
    ),
    Chart(
        "losses",
        "Losses",
        "step",
        "loss",
        "step",
        "loss",
        "The discriminator's is 2 ln 2 where true and made points cannot be told apart, and near 0 where they can.",
    ),
)

DEMO = Demo(
    name="ring",
    title="GAN on a ring",
    sentence="A generator and a discriminator learn eight modes on a circle: which stay, and whose gradient wins.",
    equation=EQUATION,
    formula=FORMULA,
    config=RingConfig,
    run=run,
    scenes=SCENES,
    code=code_of(run, "from demos.networks.ring.law import INSIDE\nINSIDE / 8"),
    charts=lambda config: CHARTS,
    explanation=ARTICLE,
)
