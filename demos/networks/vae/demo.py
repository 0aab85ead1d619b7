"""The linear VAE, as the dashboard, the command line and the shared tests see it."""

from __future__ import annotations

from demos.contract import Chart, Demo
from demos.contract.reproduce import code_of
from demos.networks.vae.config import VaeConfig
from demos.networks.vae.run import run
from demos.networks.vae.scenes import SCENES

EQUATION = r"\dot\theta = \nabla_\theta\,\mathrm{ELBO}(\theta) \qquad |w_i|^2 \to \max(\lambda_i - \sigma^2,\ 0)"

FORMULA = (
    r"\mathbb E_q \log \mathcal N(x;\, Wz,\, \sigma^2) - \mathrm{KL}\big(\mathcal N(Vx, D)\,\|\,\mathcal N(0, 1)\big)"
)

ARTICLE = r"""
**Posterior collapse.** A VAE may ignore a latent: its posterior becomes the prior, its KL is 0, its weights vanish.
In a linear VAE all of it can be written down. The ELBO depends on the data through its covariance alone, its maxima
are those of probabilistic PCA, and there

$$|w_i|^2 = \lambda_i - \sigma^2 \quad\text{where } \lambda_i > \sigma^2, \qquad w_i = 0 \quad\text{else}.$$

So a latent dies just where the data varies less along its direction than the decoder's own noise. The KL term is not to
blame: the exact likelihood has the same maximum. A decoder variance that is learned comes to rest at the mean of the
eigenvalues without a latent, below all the others, and nobody dies.

**The flow.** About a dead latent, decoder and encoder along one eigenvector, $(a, b)$, obey
$\dot a = (\lambda b - a)/\sigma^2$, $\dot b = \lambda(a/\sigma^2 - b)$. Its determinant
$\lambda/\sigma^2 - \lambda^2/\sigma^4$ changes sign at $\lambda = \sigma^2$: above, the dead latent is a saddle, and
the slower to leave the nearer $\lambda$ is. That is what gradient flow shows: latents come to life one after the other.

**What this does not show.** In deep VAEs decoders that can do without latents, and encoders that lag behind, make
collapse that no likelihood asks for.

**Sources.** Lucas, Tucker, Grosse & Norouzi, NeurIPS 2019; Tipping & Bishop 1999; Dai, Wang & Wipf, ICML 2020.
"""

CHARTS = (
    Chart(
        "divergence",
        "What each latent says",
        "t",
        "kl",
        "time",
        "KL, nats",
        "Of its posterior from the prior, mean over the data: ½ log λ/σ² of one that lives, 0 of one that is dead.",
        log_x=True,
    ),
)

DEMO = Demo(
    name="vae",
    title="Posterior collapse",
    sentence="A linear VAE: which latents live, and why the others die, beside probabilistic PCA.",
    equation=EQUATION,
    formula=FORMULA,
    config=VaeConfig,
    run=run,
    scenes=SCENES,
    code=code_of(run, "from demos.networks.vae.law import rest\nrest(config)"),
    charts=lambda config: CHARTS,
    explanation=ARTICLE,
)
