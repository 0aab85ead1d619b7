"""The Dirac-GAN, as the dashboard, the command line and the shared tests see it."""

from __future__ import annotations

from demos.contract import Chart, Demo
from demos.contract.reproduce import code_of
from demos.networks.gan.config import GanConfig
from demos.networks.gan.run import run
from demos.networks.gan.scenes import SCENES

EQUATION = (
    r"\dot\theta = -\partial_\theta\,\mathcal L_G(\theta,\psi) \qquad "
    r"\dot\psi = -\partial_\psi\,\mathcal L_D(\theta,\psi)"
)

FORMULA = r"\mathcal L = f(\psi\theta) + f(0), \qquad \mathcal L_D = -\mathcal L + \tfrac\gamma2\psi^2"

ARTICLE = r"""
**The smallest GAN.** The data is one point, at 0; the generator puts its mass at $\theta$, the discriminator is
$D(x) = \psi x$. Each player goes down its own loss. Together they follow a vector field
$v = (-\psi f'(\psi\theta),\ \theta f'(\psi\theta) - \gamma\psi)$, and this is the gradient of no function: its
rotation $\partial_\theta v_\psi - \partial_\psi v_\theta$ is $2f'(0)$ at the equilibrium, where a gradient has 0. So
there is no energy that falls, the lab's equation holds with a field in place of $-\nabla E$, and the solver follows it
without asking for one.

**The flow circles.** Without a penalty $\theta\dot\theta + \psi\dot\psi = 0$: the distance from the equilibrium stays,
exactly. The eigenvalues there are $-\gamma/2 \pm \sqrt{\gamma^2/4 - f'(0)^2}$.

**Steps.** A step of size $h$ multiplies by $p(h\lambda)$, with $\lambda = \pm i f'(0)$ for $\gamma = 0$:

| training | factor of a step |
|---|---|
| simultaneous, $1 + z$ | $\sqrt{1 + h^2f'(0)^2} > 1$, always outwards |
| alternating | 1, as long as $h f'(0) < 2$ |
| extragradient, $1 + z + z^2$ | $\sqrt{1 - h^2f'^2 + h^4f'^4}$, inwards for $h f' < 1$ |

**R1's cure.** Paying for the discriminator's slope at the data brings both eigenvalues to the left. The fastest rest is
at $\gamma = 2f'(0)$; beyond, one of the two real rates becomes slow.

**The non-saturating loss** has the same eigenvalues, and comes in by higher order only: more slowly than any
exponential.

**Sources.** Mescheder, Geiger & Nowozin, ICML 2018; Nagarajan & Kolter, NeurIPS 2017; Korpelevich 1976; Gidel et al.,
ICLR 2019.
"""

CHARTS = (
    Chart(
        "norms",
        "Whose gradient is larger",
        "step",
        "ratio",
        "step",
        "|v_ψ| over |v_θ|",
        "The discriminator's gradient over the generator's: as they circle it goes up and down, and says little.",
        log_y=True,
    ),
)

DEMO = Demo(
    name="gan",
    title="Adversarial training",
    sentence="Two networks against each other follow no gradient: they circle, spiral out, or are brought to rest.",
    equation=EQUATION,
    formula=FORMULA,
    config=GanConfig,
    run=run,
    scenes=SCENES,
    code=code_of(run, "from demos.networks.gan.law import eigenvalues\neigenvalues(config)"),
    charts=lambda config: CHARTS,
    explanation=ARTICLE,
)
