"""Distributions as weighted points: any mean is `weights @ f(points)`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import checkpoint

PIECE = 2**17  # points between two checkpoints
TAIL = 8.0  # standard deviations
START_NODES = 40  # quadrature nodes of a start of finite width
NEGLIGIBLE = 1e-13  # points with less than this fraction of the largest weight are left out
FLOOR = 1e-6  # error of a mean by quadrature, in standard deviations

Marginal = tuple[np.ndarray, np.ndarray]
"""Coordinates (n,) and density (n,)."""

_T = TypeVar("_T")


@dataclass(frozen=True, eq=False)
class Distribution:
    """points (M, 2) with weights (M,) that sum to the probability inside the box; source: a phrase that describes it.

    marginals: of x and of y. floor: error of a mean, in standard deviations of the averaged quantity. cell: spacing
    of the points if they lie on a grid, else 0. The argument `key` of a method is a name of the function, under which

    the result is cached.
    """

    source: str
    points: Tensor
    weights: np.ndarray
    marginals: tuple[Marginal, Marginal]
    floor: float = FLOOR
    cell: tuple[float, float] = (0.0, 0.0)
    _known: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)

    def border(self, function: Callable[[Tensor], Tensor], key: str = "") -> float:
        """The error of ⟨f⟩ by jumps of f inside cells: half the change of ⟨f⟩ when all points are shifted by a cell."""

        def compute() -> float:
            half = torch.tensor(self.cell, dtype=self.points.dtype) / 2
            weights = self.weights / self.weights.sum()
            low, high = (float(weights @ _values(function, self.points + side * half)) for side in (-1, 1))
            return abs(high - low) / 2

        return self._once("border", key, compute)

    def mean(self, function: Callable[[Tensor], Tensor], key: str = "") -> float:
        """⟨f⟩ for f: (M, 2) -> (M,)."""
        return self.statistics(function, key)[0]

    def mean_and_spread(self, function: Callable[[Tensor], Tensor], key: str = "") -> tuple[float, float]:
        """⟨f⟩ and the standard deviation of f."""
        return self.statistics(function, key)[:2]

    def statistics(self, function: Callable[[Tensor], Tensor], key: str = "") -> tuple[float, float, float]:
        """⟨f⟩, the standard deviation of f, and its kurtosis ⟨(f − ⟨f⟩)⁴⟩/Var². The number of samples must be much
        larger than the kurtosis for their spread to give the error of their mean."""

        def compute() -> tuple[float, float, float]:
            values, weights = _values(function, self.points), self.weights / self.weights.sum()
            mean = float(weights @ values)
            square = np.square(values - mean)
            variance = float(weights @ square)
            if not variance > 0:
                return mean, 0.0, 1.0
            return mean, variance**0.5, float(weights @ np.square(square)) / variance**2

        return self._once("statistics", key, compute)

    def _once(self, what: str, key: str, compute: Callable[[], _T]) -> _T:
        if not key:
            return compute()
        if (what, key) not in self._known:
            self._known[what, key] = compute()
        return self._known[what, key]


def on_grid(
    source: str,
    axes: tuple[np.ndarray, np.ndarray],
    weights: np.ndarray,
    marginals: tuple[Marginal, Marginal],
    floor: float,
    cell: tuple[float, float],
) -> Distribution:
    """The distribution with weights (H, W) on the grid of axes (W,) and (H,), negligible ones left out."""
    gx, gy = np.meshgrid(*axes)
    weights = weights.ravel()
    large = weights > NEGLIGIBLE * weights.max()
    points = torch.from_numpy(np.stack([gx.ravel()[large], gy.ravel()[large]], axis=1))
    return Distribution(source, points, weights[large], marginals, floor, cell)


def product(source: str, x: Marginal, y: Marginal, floor: float = FLOOR) -> Distribution:
    """The distribution of independent coordinates, each given by its grid (n,) and probabilities (n,)."""
    (xs, px), (ys, py) = x, y
    densities = tuple((s, p / (s[1] - s[0]) / p.sum()) for s, p in (x, y))
    return on_grid(source, (xs, ys), np.multiply.outer(py, px), densities, floor, (xs[1] - xs[0], ys[1] - ys[0]))


def _values(function: Callable[[Tensor], Tensor], points: Tensor) -> np.ndarray:
    """f at points (M, 2), with a checkpoint before each piece."""
    values = []
    for piece in points.split(PIECE):
        checkpoint()
        values.append(function(piece).to(torch.float64).numpy())
    return values[0] if len(values) == 1 else np.concatenate(values)


@dataclass(frozen=True)
class StartDistribution:
    """The distribution of one coordinate at the start: "point", "gaussian", "uniform" or "equilibrium"."""

    kind: str
    centre: float = 0.0
    width: float = 0.0  # standard deviation, or half the width of a uniform start

    def nodes(self, spacing: float = np.inf) -> Marginal:
        """Quadrature nodes and weights (not for "equilibrium"), at most `spacing` apart: where less noise than that
        follows, nodes farther apart would stay a comb."""
        if self.kind == "point":
            return np.array([self.centre]), np.ones(1)
        if self.kind == "gaussian":
            z, w = np.polynomial.hermite_e.hermegauss(START_NODES)
        else:
            z, w = np.polynomial.legendre.leggauss(START_NODES)
        if self.width * np.diff(z).max() > spacing:
            reach = TAIL if self.kind == "gaussian" else 1.0
            count = int(np.ceil(2 * reach * self.width / spacing))
            z = reach * (2 * np.arange(count) + 1 - count) / count
            if self.kind == "gaussian":
                w = np.exp(-0.5 * z**2)
            else:
                z, w = z / np.sqrt(1 - 1 / count**2), np.ones(count)  # with the variance of the uniform distribution
        return self.centre + self.width * z, w / w.sum()
