"""The null distribution of a distance: that of the distance between two independent true samples of equal size."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from demos.common.progress import checkpoint
from demos.common.tails import chi_squared_exceeded_with
from demos.diffusion.data.dataset import DataSet, classes_of
from demos.diffusion.metrics.distances import sorted_projections

SAMPLES, EACH = 120, 5  # independent true samples, each compared with five others: 600 pairs
SEED = 10_000
ROUNDING = 1e-5  # of samples in float32, by which they may be further apart than true ones that lie on one point


@dataclass(frozen=True, eq=False)
class Null:
    """distances (P,): of pairs of true samples, ascending. mean, spread: their mean and standard deviation."""

    distances: np.ndarray

    @property
    def mean(self) -> float:
        return float(self.distances.mean())

    @property
    def spread(self) -> float:
        return float(self.distances.std(ddof=1))

    @property
    def pairs(self) -> int:
        return len(self.distances)

    def quantile(self, level: float) -> float:
        """The distance at a quantile, also one too extreme to be read off the P pairs: squared distances are fitted by
        a scaled χ² of the same mean and variance (Satterthwaite 1946)."""
        squares = np.square(self.distances)
        mean, variance = float(squares.mean()), float(squares.var())
        if not variance:  # a class of a single point
            return float(self.distances[-1])
        freedom = 2 * mean**2 / variance
        return math.sqrt(chi_squared_exceeded_with(1 - level, freedom) * mean / freedom)

    def p(self, distance: float) -> float:
        """The p-value of a distance: the share of pairs of true samples that are at least as far apart."""
        if not math.isfinite(distance):
            return 0.0
        return 1 - float(np.searchsorted(self.distances, distance - ROUNDING)) / len(self.distances)


@lru_cache(maxsize=64)
def null_of(data: DataSet, count: int, target: str = "all") -> Null:
    """The null of sliced W2 for samples of `count` points. target: "all" data, "each" class in turn, or the number of
    one class."""
    labels = classes_of(target, count, data)
    clouds = []
    for i in range(SAMPLES):
        checkpoint()
        clouds.append(sorted_projections(data.sample(count, SEED + i, labels)[0]))
    distances = []
    for i, first in enumerate(clouds):
        for step in range(1, EACH + 1):
            apart = first - clouds[(i + step) % SAMPLES]
            distances.append(math.sqrt(float(np.vdot(apart, apart)) / apart.size))
    return Null(np.sort(distances))
