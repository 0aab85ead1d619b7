"""Log-likelihood of points by the probability-flow ODE (Chen et al. 2018; Song et al. 2021, eq. 39), through `solve`.

Along dx/ds = x − D(x, σ), s = log σ, the density changes by d log p/ds = −∇·(x − D) = −(2 − tr ∂D/∂x). In the plane
the trace is exact at the price of two backward passes; Hutchinson's estimate vᵀ(∂D/∂x)v needs one for each probe.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from demos.common.progress import Progress, checkpoint
from demos.diffusion.models import Model
from demos.gradient_flow import GradientFlow, solve


@dataclass(frozen=True)
class Likelihood:
    """log_density (N,): log p at σ = low, in nats. evaluations: number of model evaluations, each with its backward
    passes."""

    log_density: Tensor
    evaluations: int

    @property
    def nll(self) -> float:
        """The mean of −log p, nats."""
        return -float(self.log_density.mean())

    @property
    def error(self) -> float:
        """The standard error of `nll`, nats."""
        return float(self.log_density.std()) / math.sqrt(len(self.log_density))


def log_likelihood(
    model: Model,
    points: Tensor,
    high: float,
    low: float,
    *,
    prior: Callable[[Tensor], Tensor] | None = None,
    probes: int = 0,
    seed: int = 0,
    rtol: float = 1e-5,
    labels: Tensor | None = None,
    progress: Progress | None = None,
) -> Likelihood:
    """log p_low(points): the points are carried to σ = high by the probability-flow ODE of the model.

    points (N, 2), computed in float64. prior: (N, 2) -> (N,) log-density at σ = high; None: N(0, high² + σ_data²).
    probes: 0 for the exact divergence; otherwise the number of Rademacher probes of Hutchinson's estimate (1990) for
    each point, drawn once for the whole path.
    """
    x = points.detach().double()
    signs = torch.empty(0)
    if probes:
        generator = torch.Generator().manual_seed(seed)
        signs = torch.randint(0, 2, (probes, *x.shape), generator=generator).double() * 2 - 1

    def gradient(state: Tensor, s: float) -> Tensor:
        """−d(x, ℓ)/ds, because `solve` follows the negative gradient."""
        checkpoint()
        with torch.enable_grad():
            place = state[:, :2].detach().requires_grad_()
            denoised = model.denoiser(place, math.exp(s), labels)
            trace = _trace(denoised, place, signs)
        velocity = place.detach() - denoised.detach()
        return torch.cat([-velocity, (trace - 2)[:, None]], 1)

    start = torch.cat([x, torch.zeros(len(x), 1, dtype=x.dtype)], 1)
    path = solve(
        GradientFlow(gradient=gradient),
        start,
        [math.log(low), math.log(high)],
        "dopri5",
        record=2,
        rtol=rtol,
        atol=rtol,
        progress=progress,
    )
    end = path.states[-1]
    if prior is None:
        variance = high**2 + model.sigma_data**2
        terminal = -end[:, :2].square().sum(1) / (2 * variance) - math.log(2 * math.pi * variance)
    else:
        terminal = prior(end[:, :2])
    return Likelihood(terminal + end[:, 2], path.evaluations)


def _trace(denoised: Tensor, place: Tensor, signs: Tensor) -> Tensor:
    """tr ∂D/∂x (N,): exact without signs (K, N, 2), or the mean of vᵀ(∂D/∂x)v over them."""
    if not len(signs):
        first = torch.autograd.grad(denoised[:, 0].sum(), place, retain_graph=True)[0][:, 0]
        return first + torch.autograd.grad(denoised[:, 1].sum(), place)[0][:, 1]
    total = torch.zeros(len(place), dtype=place.dtype)
    for i, sign in enumerate(signs):
        keep = i < len(signs) - 1
        product = torch.autograd.grad((denoised * sign).sum(), place, retain_graph=keep)[0]
        total = total + (product * sign).sum(1)
    return total / len(signs)
