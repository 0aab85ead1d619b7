"""What every objective makes its training examples from: noised points, and the mean of the data behind them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Batch:
    """Points of the data and the noise laid over them: x = clean + σ noise with σ = spread · e^level.

    clean, noise (B, 2) float32, clean with mean 0; level (B, 1) = ln(σ/spread); classes (B,), −1 where a point is
    trained without its class, and labels (B,), the true ones; None where the data have none.
    """

    clean: Tensor
    noise: Tensor
    level: Tensor
    spread: float
    labels: Tensor | None = None
    classes: Tensor | None = None

    @property
    def sigma(self) -> Tensor:
        return self.spread * self.level.exp()

    @property
    def noised(self) -> Tensor:
        return self.clean + self.sigma * self.noise


def levels(count: int, mean: float, spread: float, generator: torch.Generator) -> Tensor:
    """(count, 1) draws of N(mean, spread²), one in each of `count` equally likely intervals, in rising order."""
    share = (torch.arange(count) + torch.rand(count, generator=generator)) / count
    return (mean + spread * torch.special.ndtri(share.clamp(1e-6, 1 - 1e-6)))[:, None]


def posterior_mean(batch: Batch) -> Tensor:
    """E[clean | noised, all clean points of the batch], (B, 2): the mean of those that may be behind each noised point,
    with their posterior weights, and of its class where that is asked for.

    Its mean, given the noised point alone, is E[x₀ | x], as that of the clean point itself is: conditioning on the
    batch as a set only averages out which of its points was noised (Rao–Blackwell; Xu, Tong & Jaakkola, ICLR 2023,
    arXiv:2302.00670). So it is the same regression with far less noise in its targets.
    """
    precision = batch.sigma.square().reciprocal()
    logits = torch.mm(batch.noised * precision, batch.clean.T)
    logits.addcmul_(precision * -0.5, batch.clean.square().sum(1)[None])
    if batch.classes is not None:
        asked = (batch.classes >= 0).nonzero().squeeze(1)
        other = batch.classes[asked][:, None] != batch.labels[None]
        logits[asked] = logits[asked].masked_fill_(other, -torch.inf)
    return torch.softmax(logits, 1) @ batch.clean
