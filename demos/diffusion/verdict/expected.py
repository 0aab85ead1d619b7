"""Expected values for true points: moments, counts in cells and distances, with their standard errors.

All are computed from the exact distribution, none from the points that are judged. Points whose class is asked for are
a stratified sample, with a fixed number of points of each class; the errors take that into account.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import torch
from torch import Tensor

from demos.diffusion.data import DataSet, classes_of
from demos.diffusion.distributions import Boxes, Distribution, GaussianMixture
from demos.diffusion.distributions.bin_probabilities import bin_probabilities
from demos.diffusion.metrics.null import Null, null_of
from demos.diffusion.setup import Setup

LARGE = 40_000  # size of the true sample that gives variances of squares and shares of cells: errors of 1 % or less
BINS = 24  # bins of the histogram before thin ones are joined
LEAST = 8.0  # least expected number of points in a cell
SHIFT, SHIFTS = 0.4, 6  # largest shift of the bins of a set of points, in bins; how many are tried to each side
WIDE = 1.0e3  # half width, in spreads, beyond which no point is expected


@dataclass(frozen=True, eq=False)
class Expected:
    """Expected values for `count` true points of a data set. target: "all", "each" or the number of a class."""

    data: DataSet
    target: str
    count: int

    @cached_property
    def labels(self) -> Tensor | None:
        """(count,): the class of each point, or None where classes are random."""
        return classes_of(self.target, self.count, self.data)

    @cached_property
    def strata(self) -> list[tuple[Distribution, int]]:
        """The strata: each with its distribution and its number of points."""
        if self.labels is None:
            return [(self.data.distribution, self.count)]
        sizes = torch.bincount(self.labels).tolist()
        return [(self.data.distribution.conditional(i), size) for i, size in enumerate(sizes) if size]

    @cached_property
    def mean(self) -> np.ndarray:
        """(2,)"""
        return sum(size / self.count * part.mean.numpy() for part, size in self.strata)

    @cached_property
    def covariance(self) -> np.ndarray:
        """(2, 2), about the mean of all strata."""
        whole = np.zeros((2, 2))
        for part, size in self.strata:
            apart = part.mean.numpy() - self.mean
            whole += size / self.count * (covariance_of(part) + np.outer(apart, apart))
        return whole

    def spread_of_mean(self, value: Callable[[np.ndarray], np.ndarray]) -> float:
        """One standard error of the mean over the points of value((n, 2)) -> (n,)."""
        variances = [
            size / self.count * float(value(points).var())
            for (_, size), points in zip(self.strata, self._large, strict=True)
        ]
        return float(np.sqrt(sum(variances) / self.count))

    @cached_property
    def _large(self) -> list[np.ndarray]:
        return [large_sample(part) for part, _ in self.strata]

    def x_cells(self, sigma: float) -> Cells:
        """The expected counts of x at noise level σ, in bins over the picture's width; thin bins are joined."""
        reach = 1.5 * np.sqrt(float(self.covariance[0, 0]) + sigma**2)
        inner = self.mean[0] + np.linspace(-2 * reach, 2 * reach, BINS + 1)[1:-1]
        if sigma == 0 and self.data.finite:
            inner = _clear_of(inner, self.data.distribution.means[:, 0].numpy())
        edges = np.concatenate([[-1e12], inner, [1e12]])
        shares = [bin_probabilities(part, edges, sigma) for part, _ in self.strata]
        return Cells.joined([n for _, n in self.strata], shares, inner)

    @cached_property
    def class_shares(self) -> np.ndarray:
        """(strata, C): the share of true points of each stratum that is assigned to each class."""
        distribution = self.data.distribution
        found = [distribution.classify(torch.from_numpy(points)).numpy() for points in self._large]
        return np.stack([np.bincount(f, minlength=self.data.classes) / len(f) for f in found])

    @property
    def null(self) -> Null:
        """The null distribution of sliced W2 for pairs of true samples."""
        return null_of(self.data, self.count, self.target)


def _clear_of(cuts: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The cuts, all shifted by less than half their distance, as far from the places of the points as that allows: of a
    cut through a point rounding would decide on which side it counts."""
    shifts = np.linspace(-SHIFT, SHIFT, 2 * SHIFTS + 1) * (cuts[1] - cuts[0])
    apart = [np.abs((cuts + shift)[:, None] - places).min() for shift in shifts]
    return cuts + shifts[int(np.argmax(apart))]


@lru_cache(maxsize=64)
def expected(data: DataSet, target: str, count: int) -> Expected:
    """The `Expected` of these arguments, cached together with the values it has computed."""
    return Expected(data, target, count)


def expected_of(setup: Setup) -> Expected:
    """Expected values for the samples of a setup, if the sampler were exact and its score not perturbed."""
    return expected(setup.data, setup.config.target if setup.config.guided else "all", len(setup.start))


def covariance_of(distribution: Distribution) -> np.ndarray:
    """The covariance (2, 2) of a distribution, in closed form."""
    match distribution:
        case GaussianMixture():
            return distribution.covariance.numpy()
        case Boxes():
            centres = distribution.corners.numpy() + distribution.side / 2
            return np.cov(centres.T, bias=True).reshape(2, 2) + np.eye(2) * distribution.side**2 / 12
    raise TypeError(f"no covariance is known for a distribution of type {type(distribution).__name__}.")


@lru_cache(maxsize=64)
def large_sample(distribution: Distribution) -> np.ndarray:
    return distribution.sample(LARGE, torch.Generator().manual_seed(271))[0].numpy()


@dataclass(frozen=True, eq=False)
class Cells:
    """A χ² test of counts in cells: Q = (o − e)ᵀ V⁺ (o − e) for the counts o with mean e and covariance V.

    sizes (S,): number of points of each stratum. shares (S, B): probability of each cell in each stratum. cuts: the
    boundaries of the cells, for `count`.
    """

    sizes: np.ndarray
    shares: np.ndarray
    cuts: np.ndarray

    @classmethod
    def joined(cls, sizes: list[int], shares: list[np.ndarray], cuts: np.ndarray) -> Cells:
        """The cells after neighbours are joined until each expects at least LEAST points."""
        sizes_, shares_ = np.asarray(sizes, dtype=float), np.stack(shares)
        wanted, kept, at, start = sizes_ @ shares_, [], 0.0, 0
        groups: list[tuple[int, int]] = []
        for i, points in enumerate(wanted):
            at += points
            if at >= LEAST:
                groups.append((start, i + 1))
                start, at = i + 1, 0.0
        if groups:
            groups[-1] = (groups[-1][0], len(wanted))
        kept = [cuts[end - 1] for _, end in groups[:-1]]
        merged = (
            np.stack([shares_[:, low:high].sum(1) for low, high in groups], 1) if groups else shares_.sum(1)[:, None]
        )
        return cls(sizes_, merged, np.asarray(kept))

    def count(self, values: np.ndarray) -> np.ndarray:
        """The number of the values (n,) in each cell, (B,); values that are not finite count in none."""
        found = np.searchsorted(self.cuts, values[np.isfinite(values)], side="right")
        return np.bincount(found, minlength=len(self.cuts) + 1).astype(float)

    @property
    def expected(self) -> np.ndarray:
        return self.sizes @ self.shares

    @cached_property
    def covariance(self) -> np.ndarray:
        """The covariance (B, B) of the counts."""
        return sum(n * (np.diag(p) - np.outer(p, p)) for n, p in zip(self.sizes, self.shares, strict=True))

    @cached_property
    def inverse(self) -> np.ndarray:
        scale = 1 / np.sqrt(np.maximum(self.expected, 1e-12))
        return scale[:, None] * np.linalg.pinv(scale[:, None] * self.covariance * scale, 1e-6, True) * scale

    @cached_property
    def freedom(self) -> int:
        return round(float(np.trace(self.inverse @ self.covariance)))

    def statistic(self, counts: np.ndarray) -> float:
        apart = counts - self.expected
        outside = abs(apart.sum()) > 0.5  # points in no cell: V⁺ ignores a change of the total number
        return float(apart @ self.inverse @ apart) + (float(apart.sum() ** 2) if outside else 0.0)

    def statistic_of(self, shares: np.ndarray, drawn: float = np.inf) -> tuple[float, float, float]:
        """Mean of the statistic, its standard deviation, and the error of its mean, for points whose cells have other
        probabilities `shares` (B,), which were estimated from `drawn` points."""
        total = float(self.sizes.sum())
        varied = total * (np.diag(shares) - np.outer(shares, shares))
        apart, form = total * shares - self.expected, self.inverse
        noise = varied * (total / drawn)
        slope = form @ apart
        inner = form @ varied
        estimate = form @ noise
        mean = float(apart @ slope) + float(np.trace(inner)) - float(np.trace(estimate))
        # the squares of `apart` hold those of its own error, on average, which is taken away from them
        spread = 4 * max(float(slope @ varied @ slope) - float(np.trace(estimate @ inner)), 0.0)
        spread += 2 * float(np.trace(inner @ inner))
        error = 4 * max(float(slope @ noise @ slope) - float(np.trace(estimate @ estimate)), 0.0)
        error += 2 * float(np.trace(estimate @ estimate))
        return mean, max(spread, 1e-12) ** 0.5, error**0.5
