"""The interface of an exact distribution of data: p_σ = p₀ ∗ N(0, σ²I) in closed form, for any σ ≥ 0.

`denoiser` and `score` are also the interface of a *model* of the data (`demos.diffusion.models.Model`), so that an
exact distribution and a trained network are interchangeable.
"""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor


class Distribution(Protocol):
    """Points are (N, 2), σ is a number in the unit of the points, labels are (N,) whole numbers, one class a point.

    With labels, every quantity is that of the class: p_σ(x | c).
    """

    sigma_data: float  # √(trace of the covariance / 2)
    mean: Tensor  # (2,) float64
    shares: Tensor  # (C,) float64, the probability of each class; C = 1 where the data have no labels
    reach: float  # nearly all of p₀ lies in |x|, |y| ≤ reach

    def denoiser(self, x: Tensor, sigma: float, labels: Tensor | None = None) -> Tensor:
        """E[x₀ | x₀ + σε = x], (N, 2), in the dtype of x."""

    def score(self, x: Tensor, sigma: float, labels: Tensor | None = None) -> Tensor:
        """∇ log p_σ(x) = (D(x, σ) − x)/σ² (Tweedie), (N, 2)."""

    def log_density(self, x: Tensor, sigma: float = 0.0, labels: Tensor | None = None) -> Tensor:
        """log p_σ(x), nats, (N,)."""

    def sample(self, count: int, generator: torch.Generator, labels: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """(count, 2) float64 from p₀ and the class of each, (count,)."""

    def classify(self, x: Tensor) -> Tensor:
        """(N,) the class that each point most likely belongs to."""

    def conditional(self, label: int) -> Distribution:
        """The distribution of one class."""

    def log_grid(self, xs: Tensor, ys: Tensor, sigma: float) -> Tensor:
        """log p_σ on a grid, (len(ys), len(xs)): row 0 at ys[0]."""


def one_class(labels: Tensor | None) -> int | None:
    """The class of all labels where they are equal, else None."""
    if labels is None or len(labels) == 0:
        return None
    first = int(labels[0])
    return first if bool((labels == first).all()) else None
