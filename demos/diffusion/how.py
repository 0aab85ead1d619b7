"""The mathematics of the page, short."""

from demos.diffusion.processes import PROCESSES
from demos.diffusion.samplers import SAMPLERS

_TEXT = r"""
**Noise.** Add Gaussian noise of level $\sigma$ to the data: $p_\sigma = p_0 * \mathcal N(0, \sigma^2)$. Its score
$\nabla\log p_\sigma(x) = (D(x, \sigma) - x)/\sigma^2$ points to the best guess
$D(x,\sigma) = \mathrm E[x_0 \mid x_0 + \sigma\varepsilon = x]$, the denoiser. For a Gaussian mixture, and for a
finite set of points, it is known in closed form; a network learns it by guessing $x_0$ from noisy samples.

**One equation.** With $E = -\log p_\sigma$ and $t = \sigma_{\max} - \sigma$, rising while the noise falls,

$$dx = -(1+\lambda)\,\sigma\,\nabla E\,dt + \sqrt{2\lambda\sigma}\;dW$$

has the law $p_\sigma$ at every noise level, for every $\lambda$. It is the lab's equation with mobility
$M = (1+\lambda)\sigma$ and temperature $T = \lambda/(1+\lambda)$: at $\lambda = 0$ the probability-flow ODE, which
*is* the gradient flow of $-\log p_\sigma$, at $\lambda = 1$ the reverse SDE. What $\lambda$ adds is Langevin
dynamics at $kT = 1$ in the same landscape.

**Samplers.** All go through the same `solve`. Euler's step on the ODE is DDIM; Heun's, with Karras's noise levels,
is EDM's sampler; DPM-Solver++(2M) reuses the last denoiser; ancestral sampling takes a step of DDIM to a lower
level and adds noise back; churn adds noise before each step; annealed Langevin and the predictor–corrector walk at
fixed noise levels. Each evaluation of the score counts once, on every axis.

SAMPLERS

**Processes.** In $x = y/s$ all of them are noise of level $\sigma$ added to the data; in their own coordinates, with
noise in units of $\sigma_{\text{data}}$ where the data are scaled down:

PROCESSES

**Guidance.** $D + w\,(D_c - D)$ follows the score of $p_\sigma(x)\,p_\sigma(c\mid x)^w$ at each level. These are
not the diffused versions of one law, so the guided flow does not sample $p(x)\,p(c\mid x)^w$, except for $w = 0$
and $1$.

**The truth.** Mixture densities and scores in closed form; the solution of the ODE for a Gaussian; the
log-likelihood by the ODE with the exact divergence. Distances are printed beside their floor: the distance of two
true samples of the same size.

**Sources.** Song et al., *ICLR* 2021 (2011.13456); Karras et al., *NeurIPS* 2022 (2206.00364); Lu et al. 2022
(2211.01095); Lipman et al., *ICLR* 2023 (2210.02747); Ho & Salimans 2022 (2207.12598).
"""

_samplers = "\n".join(f"- {sampler.label}: {sampler.words}" for sampler in SAMPLERS.values())
_processes = "\n".join(f"- {kind.label}: ${kind.formula}$ ({kind.paper})" for kind in PROCESSES.values())
HOW = _TEXT.replace("SAMPLERS", _samplers).replace("PROCESSES", _processes)
