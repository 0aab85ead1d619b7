"""Gaussian mixtures. Diffusion adds σ²I to each covariance, so p_σ, its score and its denoiser are known exactly.

A finite data set is the mixture whose covariances are 0: its denoiser is the softmax-weighted mean of the data
(Karras et al. 2022, arXiv:2206.00364, eq. 57), so that sampling ends on the data points themselves.
"""

from __future__ import annotations

import itertools
import math
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from demos.common.bounded_cache import BoundedCache
from demos.common.progress import checkpoint
from demos.diffusion.distributions.distribution import one_class

ELEMENTS = 2**17  # numbers in one (K, n) block: so small that it stays in the processor's second-level cache
WORTH = 512  # components up to which coefficients are cached: beyond, they cost less than evaluating ten points
OVERHEAD = 4_096  # bytes of a cache entry beside its numbers: tensor objects and key
Coefficients = dict[str, Tensor]
# One cache for all distributions: visitors' data sets come and go, and the sum of many caches would have no bound.
COEFFICIENTS: BoundedCache[Coefficients] = BoundedCache(size=6 << 20)
_numbers = itertools.count()


class GaussianMixture:
    """Σₖ wₖ N(μₖ, Σₖ) in the plane; see `Distribution`.

    weights (K,), means (K, 2), covariances (K,) for vₖI or (K, 2, 2).
    labels (K,): the class of each component. Coefficients are float64; points keep their own dtype.
    """

    def __init__(self, weights, means, covariances, labels=None) -> None:
        put = lambda value, kind=torch.float64: torch.as_tensor(value, dtype=kind).clone()
        self.weights, self.means, self.covariances = put(weights), put(means), put(covariances)
        self.weights = self.weights / self.weights.sum()
        self.labels = put(np.zeros(len(self.weights)) if labels is None else labels, torch.int64)
        self.is_round = self.covariances.ndim == 1
        if not self.is_round:
            values, self._axes = torch.linalg.eigh(self.covariances)
            self._variances = values.clamp_min(0.0)
        self._number = next(_numbers)  # identifies this mixture in the cache COEFFICIENTS
        self._classes: dict[int, GaussianMixture] = {}

    # -- moments

    @cached_property
    def mean(self) -> Tensor:
        return self.weights @ self.means

    @cached_property
    def covariance(self) -> Tensor:
        apart = self.means - self.mean
        own = self.covariances[:, None, None] * torch.eye(2) if self.is_round else self.covariances
        return torch.einsum("k,kij->ij", self.weights, own + apart[:, :, None] * apart[:, None, :])

    @cached_property
    def sigma_data(self) -> float:
        return math.sqrt(float(self.covariance.trace()) / 2)

    @cached_property
    def shares(self) -> Tensor:
        return torch.zeros(int(self.labels.max()) + 1, dtype=torch.float64).index_add(0, self.labels, self.weights)

    @cached_property
    def reach(self) -> float:
        points, _ = self.sample(4_000, torch.Generator().manual_seed(0))
        return float(torch.quantile(points.abs().amax(1), 0.998))

    # -- p_σ

    def denoiser(self, x: Tensor, sigma: float, labels: Tensor | None = None) -> Tensor:
        return self._weighted(x, sigma, labels, "denoiser")

    def score(self, x: Tensor, sigma: float, labels: Tensor | None = None) -> Tensor:
        return self._weighted(x, sigma, labels, "score")

    def log_density(self, x: Tensor, sigma: float = 0.0, labels: Tensor | None = None) -> Tensor:
        distribution, labels = self._of(labels)
        parts = []
        for part, chosen in distribution._chunks(x, labels):
            checkpoint()
            parts.append(distribution._logits(part, sigma, chosen).logsumexp(0))
        return torch.cat(parts)

    def log_grid(self, xs: Tensor, ys: Tensor, sigma: float) -> Tensor:
        if not self.is_round or len(self.weights) < 64 or bool((self.covariances != self.covariances[0]).any()):
            gx, gy = torch.meshgrid(xs, ys, indexing="xy")
            return self.log_density(torch.stack([gx.flatten(), gy.flatten()], 1), sigma).reshape(gx.shape)
        # one common variance: exp(−dx²/2v) exp(−dy²/2v) separates, and the sum over components is a matrix product
        v = float(self.covariances[0]) + sigma**2
        across = torch.exp(-((xs[None, :] - self.means[:, :1].to(xs)) ** 2) / (2 * v))
        up = torch.exp(-((ys[None, :] - self.means[:, 1:].to(ys)) ** 2) / (2 * v)) * self.weights[:, None].to(ys)
        return (up.T @ across).log() - math.log(2 * math.pi * v)

    def classify(self, x: Tensor) -> Tensor:
        """The class of the nearest component, in the metric of its covariance plus a small floor: without the floor a
        component of covariance 0 could not be compared with a Gaussian."""
        if len(self.shares) == 1 or not len(x):
            return torch.zeros(len(x), dtype=torch.int64)
        sigma = 0.1 * self.sigma_data if self._narrowest == 0 else 0.0
        found = []
        for part, _ in self._chunks(x, None):
            checkpoint()
            found.append(self.labels[self._logits(part, sigma, None).argmax(0)])
        return torch.cat(found)

    # -- samples

    def sample(self, count: int, generator: torch.Generator, labels: Tensor | None = None) -> tuple[Tensor, Tensor]:
        if labels is None:
            chosen = torch.multinomial(self.weights, count, replacement=True, generator=generator)
        else:
            chosen = torch.empty(count, dtype=torch.int64)
            for label in labels.unique().tolist():
                here = torch.nonzero(labels == label).flatten()
                weights = torch.where(self.labels == label, self.weights, torch.zeros(()).to(self.weights))
                chosen[here] = torch.multinomial(weights, len(here), replacement=True, generator=generator)
        normal = torch.randn(count, 2, generator=generator, dtype=torch.float64)
        if self.is_round:
            spread = self.covariances[chosen].sqrt()[:, None] * normal
        else:
            spread = torch.einsum("nij,nj->ni", self._axes[chosen], self._variances[chosen].sqrt() * normal)
        return self.means[chosen] + spread, self.labels[chosen]

    def conditional(self, label: int) -> GaussianMixture:
        """The distribution of one class."""
        found = self._classes.get(label)
        if found is None:
            here = self.labels == label
            if not here.any():
                raise ValueError(f"class {label} is not one of the {len(self.shares)} classes of these data.")
            found = GaussianMixture(self.weights[here], self.means[here], self.covariances[here])
            self._classes[label] = found
        return found

    # -- inside

    @cached_property
    def _narrowest(self) -> float:
        return float(self.covariances.min() if self.is_round else self._variances.min())

    def _of(self, labels: Tensor | None) -> tuple[GaussianMixture, Tensor | None]:
        """The mixture to evaluate and its labels: where all points ask for the same class, that class and None."""
        label = one_class(labels)
        return (self, labels) if label is None else (self.conditional(label), None)

    def _chunks(self, x: Tensor, labels: Tensor | None):
        size = max(16, ELEMENTS // len(self.weights))
        for at in range(0, len(x), size):
            yield x[at : at + size], None if labels is None else labels[at : at + size]

    def _weighted(self, x: Tensor, sigma: float, labels: Tensor | None, what: str) -> Tensor:
        """Σₖ rₖ(x) (bₖ + Aₖ x), with the responsibilities r and the coefficients b, A of `what`."""
        distribution, labels = self._of(labels)
        rows = distribution._coefficients(sigma, x.dtype)[what]
        parts = []
        for part, chosen in distribution._chunks(x, labels):
            checkpoint()
            mixed = rows @ torch.softmax(distribution._logits(part, sigma, chosen), 0)
            x0, x1 = part[:, 0], part[:, 1]
            if distribution.is_round:
                parts.append(torch.stack([mixed[0] + mixed[2] * x0, mixed[1] + mixed[2] * x1]))
            else:
                parts.append(
                    torch.stack([mixed[0] + mixed[2] * x0 + mixed[3] * x1, mixed[1] + mixed[3] * x0 + mixed[4] * x1])
                )
        return (parts[0] if len(parts) == 1 else torch.cat(parts, 1)).T

    def _logits(self, x: Tensor, sigma: float, labels: Tensor | None) -> Tensor:
        """log wₖ N(x; μₖ, Σₖ + σ²I), (K, n), from the differences x − μ: |x|² − 2x·μ + |μ|² would cancel in float32."""
        c = self._coefficients(sigma, x.dtype)
        dx, dy = x[:, 0] - c["mx"], x[:, 1] - c["my"]
        if self.is_round and not dx.requires_grad:  # computed in place, which takes a quarter less time
            logits = dx.square_().addcmul_(dy, dy).mul_(c["xx"]).add_(c["constant"])
        elif self.is_round:
            logits = torch.addcmul(c["constant"], dx.square() + dy.square(), c["xx"])
        else:
            logits = c["constant"] + c["xx"] * dx.square() + c["xy"] * dx * dy + c["yy"] * dy.square()
        if labels is None:
            return logits
        other = self.labels[:, None] != labels[None, :]
        return logits.masked_fill(other, -math.inf) - self.shares.log().to(logits)[labels]

    def _coefficients(self, sigma: float, dtype: torch.dtype) -> Coefficients:
        make = lambda: {name: value.to(dtype) for name, value in self._compute(sigma).items()}
        if len(self.weights) > WORTH:
            return make()
        return COEFFICIENTS.get_or_make((self._number, sigma, dtype), make, _size_of)

    def _compute(self, sigma: float) -> Coefficients:
        if not self._narrowest + sigma**2 > 0:
            raise ValueError("σ = 0: points have no density; ask at σ > 0.")
        mu = self.means
        column = lambda v: v[:, None].clone()
        common = {"mx": column(mu[:, 0]), "my": column(mu[:, 1])}
        if self.is_round:
            v = self.covariances + sigma**2
            keep = self.covariances / v
            constant = self.weights.log() - math.log(2 * math.pi) - v.log()
            return common | {
                "constant": column(constant),
                "xx": column(-0.5 / v),
                "denoiser": torch.stack([(1 - keep) * mu[:, 0], (1 - keep) * mu[:, 1], keep]),
                "score": torch.stack([mu[:, 0] / v, mu[:, 1] / v, -1 / v]),
            }
        v = self._variances + sigma**2
        of = lambda d: torch.einsum("kij,kj,klj->kil", self._axes, d, self._axes)
        keep, precision = of(self._variances / v), of(1 / v)
        constant = self.weights.log() - math.log(2 * math.pi) - 0.5 * v.log().sum(1)
        rows = lambda b, a: torch.stack([b[:, 0], b[:, 1], a[:, 0, 0], a[:, 0, 1], a[:, 1, 1]])
        times = lambda a: torch.einsum("kij,kj->ki", a, mu)
        return common | {
            "constant": column(constant),
            "xx": column(-0.5 * precision[:, 0, 0]),
            "xy": column(-precision[:, 0, 1]),
            "yy": column(-0.5 * precision[:, 1, 1]),
            "denoiser": rows(mu - times(keep), keep),
            "score": rows(times(precision), -precision),
        }


def _size_of(coefficients: Coefficients) -> int:
    return OVERHEAD + sum(value.nbytes for value in coefficients.values())


def points_distribution(points, labels=None) -> GaussianMixture:
    """The distribution of a finite data set: each point with the same probability, and nothing between them."""
    points = np.asarray(points, dtype=float)
    return GaussianMixture(np.ones(len(points)), points, np.zeros(len(points)), labels)
