"""One-step samplers of score-based diffusion, for flows with a noise level: dx = −(1+λ)σ∇E dt + √(2λσ) dW.

The noise level falls with time: dσ = −dt, σ = `flow.noise_level(t)`. E = −log p_σ, so that dx/dσ = σ∇E is the
probability-flow ODE and D = x − σ²∇E the denoised point. λ = T/(1 − T) follows from the flow's temperature T.
"""

from __future__ import annotations

from math import sqrt

import torch
from torch import Tensor

from demos.gradient_flow.method import Method, Option, Order
from demos.gradient_flow.problem import Problem

NEEDS = frozenset({"gradient", "noise_level"})


def stochasticity(problem: Problem, t: float) -> float:
    """λ = T/(1 − T), where T(t) is the flow's temperature. Raises ValueError unless T < 1."""
    temperature = problem.temperature(t)
    if not temperature < 1:
        raise ValueError(
            f"temperature({t:g}) = {temperature:g} must be below 1: a sampler of diffusion has λ = T/(1 − T)."
        )
    return temperature / (1 - temperature)


def ancestral_step(problem: Problem, state: tuple, t: float, h: float) -> tuple:
    """x' = x + (σ↓ − σ) d + σ↑ R,  σ↑ = η σ₊ √(1 − σ₊²/σ²),  σ↓² = σ₊² − σ↑²,  η² = λ. η = 0 is Euler's step.

    σ is the noise level at t, σ₊ at t + h; d = σ∇E.
    """
    (x,) = state
    sigma, to = problem.noise_levels(t, h)
    up = 0.0
    if problem.noisy:
        up = min(to, sqrt(stochasticity(problem, t)) * to * sqrt(1 - (to / sigma) ** 2))
    gradient = problem.gradient(x, t)
    x = x.add(gradient, alpha=sigma * (sqrt(to * to - up * up) - sigma))
    return (x.add_(problem.normal(), alpha=up) if problem.noisy else x,)


def edm_heun_step(problem: Problem, state: tuple, t: float, h: float) -> tuple:
    """σ̂² = σ² + 2λσ(σ − σ₊), x̂ = x + √(σ̂² − σ²) R, then Heun's step of the ODE from σ̂ to σ₊; Euler's where σ₊ = 0.

    With λ = ((1 + γ)² − 1) σ/2(σ − σ₊) this is the paper's "churn", σ̂ = (1 + γ)σ.
    """
    (x,) = state
    sigma, to = problem.noise_levels(t, h)
    raised = sigma
    if problem.noisy:
        more = 2 * stochasticity(problem, t) * sigma * (sigma - to)
        raised = sqrt(sigma * sigma + more)
        x = x.add(problem.normal(), alpha=problem.options["noise_scale"] * sqrt(more))
    velocity = problem.gradient(x, t - (raised - sigma)) * raised  # dx/dσ
    following = x.add(velocity, alpha=to - raised)
    if to > 0:
        velocity.add_(problem.gradient(following, t + h), alpha=to)
        following = x.add(velocity, alpha=(to - raised) / 2)
    return (following,)


def predictor_corrector_step(problem: Problem, state: tuple, t: float, h: float) -> tuple:
    """`corrections` times x ← x − ε∇E + √(2ε) R at σ, with ε = 2 (snr |R|/|∇E|)², norms averaged over the replicas;
    then the ancestral step to σ₊."""
    (x,) = state
    for _ in range(int(problem.options["corrections"])):
        gradient, normal = problem.gradient(x, t), problem.normal()
        size = 2 * (problem.options["snr"] * _mean_norm(normal) / _mean_norm(gradient).clamp_min(1e-30)) ** 2
        x = x - size * gradient + (2 * size).sqrt() * normal
    return ancestral_step(problem, (x,), t, h)


def _mean_norm(v: Tensor) -> Tensor:
    """The mean of |v| over the replicas, without those that diverged: they must not take the others with them."""
    norms = v.reshape(v.shape[0], -1).square().sum(1).sqrt()
    return norms[torch.isfinite(norms)].mean()


ANCESTRAL = Method(
    name="ancestral",
    label="Ancestral",
    family="diffusion",
    formula=r"x' = x + (\sigma_\downarrow - \sigma)\,d + \sigma_\uparrow R,\quad"
    r" \sigma_\uparrow = \eta\,\sigma_+\sqrt{1 - \sigma_+^2/\sigma^2}",
    paper="Ho, Jain & Abbeel, NeurIPS 2020, arXiv:2006.11239; η: Song, Meng & Ermon, ICLR 2021, arXiv:2010.02502",
    order=Order(deterministic=1, weak=1),
    step=ancestral_step,
    stochastic="may",
    backward="never",
    normals=1,
    needs=NEEDS,
    holds_values=False,
)

EDM_HEUN = Method(
    name="edm_heun",
    label="Heun (EDM)",
    family="diffusion",
    formula=r"\hat x = x + \sqrt{\hat\sigma^2 - \sigma^2}\,R,\quad"
    r" x' = \hat x + (\sigma_+ - \hat\sigma)\,\tfrac12(d + d')",
    paper="Karras, Aittala, Aila & Laine, NeurIPS 2022, arXiv:2206.00364, algorithm 2",
    order=Order(deterministic=2, weak=1),
    step=edm_heun_step,
    evaluations=2,
    stochastic="may",
    backward="never",
    normals=1,
    needs=NEEDS,
    holds_values=False,
    options={"noise_scale": Option(1.0, 0.9, 1.1, "factor on the churned noise")},
)

PREDICTOR_CORRECTOR = Method(
    name="predictor_corrector",
    label="Predictor–corrector",
    family="diffusion",
    formula=r"x \leftarrow x - \epsilon\nabla E + \sqrt{2\epsilon}\,R,\ \ \epsilon = 2(\mathrm{snr}\,|R|/|\nabla E|)^2;"
    r"\quad\text{then ancestral}",
    paper="Song et al., ICLR 2021, arXiv:2011.13456, algorithms 4 and 5 (corrector first, as in the authors' code)",
    order=Order(weak=1),
    step=predictor_corrector_step,
    evaluations=None,
    stochastic="must",
    backward="never",
    normals=5,
    needs=NEEDS,
    holds_values=False,
    options={
        "corrections": Option(1, 1, 4, "corrections a step"),
        "snr": Option(0.16, 0.01, 1.0, "signal to noise ratio"),
    },
)
