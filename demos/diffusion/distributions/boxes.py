"""Uniform distributions on squares of one lattice (the checkerboard). Diffused, they are products of error functions.

With Φ the normal distribution function, a box [a, b] × [c, d] of probability w gives
p_σ(x) = w/area · [Φ((b − x)/σ) − Φ((a − x)/σ)] · [Φ((d − y)/σ) − Φ((c − y)/σ)].
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from demos.common.progress import checkpoint
from demos.diffusion.distributions.distribution import one_class

HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)


class Boxes:
    """Equal squares of side `side` with lower left corners (K, 2), each with probability 1/K; see `Distribution`.

    The class of a point is the number of its square. Everything is computed in float64: far from the squares the
    exponents reach 10⁶.
    """

    def __init__(self, corners, side: float) -> None:
        self.corners, self.side = torch.as_tensor(corners, dtype=torch.float64), float(side)
        count = len(self.corners)
        self.shares = torch.full((count,), 1 / count, dtype=torch.float64)
        centres = self.corners + self.side / 2
        self.mean = centres.mean(0)
        variance = (centres - self.mean).square().mean(0) + self.side**2 / 12
        self.sigma_data = math.sqrt(float(variance.mean()))
        self.reach = float(torch.maximum(self.corners.abs().max(), (self.corners + self.side).abs().max()))
        self.entropy = math.log(count * self.side**2)
        self._lows, self._at = zip(*(self.corners[:, i].unique(return_inverse=True) for i in (0, 1)), strict=True)

    # -- p_σ

    def denoiser(self, x: Tensor, sigma: float, labels: Tensor | None = None) -> Tensor:
        if sigma == 0:
            return x.clone()
        (lx, mx), (ly, my) = (self._axis(x[:, i].double(), sigma, i) for i in (0, 1))
        share = torch.softmax(self._select(lx[self._at[0]] + ly[self._at[1]], labels), 0)
        mean = torch.stack([(share * mx[self._at[0]]).sum(0), (share * my[self._at[1]]).sum(0)])
        return mean.to(x.dtype).T

    def score(self, x: Tensor, sigma: float, labels: Tensor | None = None) -> Tensor:
        if sigma == 0:
            return torch.zeros_like(x)  # the gradient inside the squares; at σ = 0 it does not exist on the edges
        return ((self.denoiser(x.double(), sigma, labels) - x.double()) / sigma**2).to(x.dtype)

    def log_density(self, x: Tensor, sigma: float = 0.0, labels: Tensor | None = None) -> Tensor:
        constant = -math.log(len(self.corners) * self.side**2)
        logs = [self._axis(x[:, i].double(), sigma, i)[0] for i in (0, 1)]
        logits = self._select(logs[0][self._at[0]] + logs[1][self._at[1]], labels)
        extra = 0.0 if labels is None else math.log(len(self.corners))
        return (logits.logsumexp(0) + constant + extra).to(x.dtype)

    def log_grid(self, xs: Tensor, ys: Tensor, sigma: float) -> Tensor:
        across, up = (self._axis(side.double(), sigma, i)[0] for i, side in enumerate((xs, ys)))
        parts = up[self._at[1]][:, :, None] + across[self._at[0]][:, None, :]
        return (parts.logsumexp(0) - math.log(len(self.corners) * self.side**2)).to(xs.dtype)

    def inside(self, x: Tensor) -> Tensor:
        """(N,) true in the support."""
        away = x.double()[:, None, :] - self.corners
        return ((away >= 0) & (away <= self.side)).all(2).any(1)

    def classify(self, x: Tensor) -> Tensor:
        centres = self.corners + self.side / 2
        return (x.double()[:, None, :] - centres).abs().amax(2).argmin(1)

    def sample(self, count: int, generator: torch.Generator, labels: Tensor | None = None) -> tuple[Tensor, Tensor]:
        if labels is None:
            labels = torch.randint(len(self.corners), (count,), generator=generator)
        uniform = torch.rand(count, 2, generator=generator, dtype=torch.float64)
        return self.corners[labels] + self.side * uniform, labels

    def conditional(self, label: int) -> Boxes:
        """The distribution of one square."""
        if not 0 <= label < len(self.corners):
            raise ValueError(f"class {label} is not one of the {len(self.corners)} classes of these data.")
        return Boxes(self.corners[label : label + 1], self.side)

    # -- inside

    def _select(self, logits: Tensor, labels: Tensor | None) -> Tensor:
        if labels is None:
            return logits
        if (label := one_class(labels)) is not None:
            labels = torch.full((logits.shape[1],), label)
        other = torch.arange(len(logits))[:, None] != labels[None, :]
        return logits.masked_fill(other, -math.inf)

    def _axis(self, x: Tensor, sigma: float, axis: int) -> tuple[Tensor, Tensor | None]:
        """For each interval of an axis, (m, n): the log of its share of N(x, σ²), and the mean of that share."""
        checkpoint()
        low = self._lows[axis][:, None]
        if sigma == 0:
            inside = (x >= low) & (x <= low + self.side)
            return torch.where(inside, 0.0, -math.inf).double(), None
        a, b = (low - x) / sigma, (low + self.side - x) / sigma
        # both ends above 0 are mirrored to below 0, where log Φ is accurate in the tail
        flip = a + b > 0
        a, b = torch.where(flip, -b, a), torch.where(flip, -a, b)
        upper, lower = torch.special.log_ndtr(b), torch.special.log_ndtr(a)
        share = upper + torch.log(-torch.expm1(lower - upper))
        left, right = (torch.exp(-0.5 * z.square() - HALF_LOG_2PI - share) for z in (a, b))
        return share, x + sigma * torch.where(flip, right - left, left - right)
