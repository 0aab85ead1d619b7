"""Training examples for every objective: noised data points, and the posterior mean of the clean points."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Batch:
    """Points of the data and the noise added to them: x = clean + σ noise with σ = spread · e^level.

    clean, noise (B, 2) float32, the data shifted to mean 0; level (B, 1) = ln(σ/spread). labels (B,): the class of each
    point; classes (B,): the class that the network is given, −1 where it is trained without; both None for data without
    classes.
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
    """(count, 1) stratified draws of N(mean, spread²): one in each of `count` equally likely intervals, ascending."""
    share = (torch.arange(count) + torch.rand(count, generator=generator)) / count
    return (mean + spread * torch.special.ndtri(share.clamp(1e-6, 1 - 1e-6)))[:, None]


def posterior_mean(batch: Batch) -> Tensor:
    """E[clean | noised, the set of clean points of the batch], (B, 2).

    It is the mean of the batch's clean points, of the same class where a class is given, weighted by the posterior
    probability that each was the one that was noised. Its expectation given the noised point is E[x₀ | x], as for the
    clean point itself (Rao–Blackwell; Xu, Tong & Jaakkola, ICLR 2023, arXiv:2302.00670): the regression is the same,
    with far less noise in its targets.
    """
    precision = batch.sigma.square().reciprocal()
    logits = torch.mm(batch.noised * precision, batch.clean.T)
    logits.addcmul_(precision * -0.5, batch.clean.square().sum(1)[None])
    if batch.classes is not None:
        asked = (batch.classes >= 0).nonzero().squeeze(1)
        other = batch.classes[asked][:, None] != batch.labels[None]
        logits[asked] = logits[asked].masked_fill_(other, -torch.inf)
    return torch.softmax(logits, 1) @ batch.clean
