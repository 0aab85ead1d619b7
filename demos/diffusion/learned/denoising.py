"""Denoising score matching (Vincent 2011; Karras et al. 2022, arXiv:2206.00364): the first objective, and its model."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from demos.diffusion.learned.examples import Batch, posterior_mean
from demos.diffusion.learned.network import Network
from demos.diffusion.models import FromDenoiser


def target(batch: Batch) -> Tensor:
    """The regression target of F, (B, 2), with which D is the posterior mean of the clean points.

    The unweighted squared error of F is the error of D weighted by EDM's λ(σ) = 1/c_out²."""
    variance, total = batch.spread**2, batch.spread**2 + batch.sigma.square()
    return (posterior_mean(batch) - variance / total * batch.noised) * total.sqrt() / (batch.sigma * batch.spread)


class LearnedDenoiser(FromDenoiser):
    """A trained network as a `Model`. It computes in float32; the result has the dtype of x."""

    def __init__(self, network: Network) -> None:
        self.network, self.sigma_data, self.mean = network, network.sigma_data, network.mean

    def prior(self, sigma: float) -> float:
        """The standard deviation of x = x₀ + σε, with which sampling starts at the noise level σ."""
        return math.hypot(sigma, self.sigma_data)

    def denoiser(self, x: Tensor, sigma: float, labels: Tensor | None = None) -> Tensor:
        centred = x - self.network.mean.to(x.dtype)
        total = sigma**2 + self.sigma_data**2
        out = self.network.raw(centred, sigma, labels).to(x.dtype)
        keep = self.sigma_data**2 / total
        mean = self.network.mean.to(x.dtype) * (1 - keep)
        return torch.add(mean, x, alpha=keep).add_(out, alpha=sigma * self.sigma_data * total**-0.5)
