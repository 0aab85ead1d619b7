"""A data set: its distribution, its scale and the names of its classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from demos.common.numbers import counted
from demos.diffusion.distributions import Distribution, points_distribution

HALF_WIDTH = 4.0  # typed words and uploaded points are fitted into [−4, 4]², the box of FFJORD's data sets
LEAST_POINTS = 2
COLORS = 8  # colours of the categorical map: beyond eight classes, colours repeat


@dataclass(frozen=True, eq=False)
class DataSet:
    """distribution: p₀ with its diffused densities p_σ. scale: a phrase that says what fixes the unit of length, on
    which W2 and nats depend.

    entropy: −∫ p₀ log p₀ in nats where it is known in closed form, else None. finite: whether p₀ is a finite set of
    points; sampling with the exact score then ends on those points.
    """

    name: str
    title: str
    distribution: Distribution
    scale: str
    label_names: Sequence[str] = ()
    finite: bool = False
    entropy: float | None = None

    @property
    def classes(self) -> int:
        return len(self.distribution.shares)

    @property
    def sigma_data(self) -> float:
        return self.distribution.sigma_data

    @cached_property
    def view(self) -> float:
        """Half the width of a picture that shows the data, and noise of the same spread.

        A finite data set is shown in its whole box, so that a drawing stays where the visitor drew it.
        """
        return max(1.12 * max(HALF_WIDTH if self.finite else 0.0, self.distribution.reach), 2.6 * self.sigma_data)

    def sample(self, count: int, seed: int, labels: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """(count, 2) float64 and classes (count,): the same seed gives the same points."""
        return self.distribution.sample(count, torch.Generator().manual_seed(seed), labels)


def classes_of(target: str, count: int, data: DataSet) -> Tensor | None:
    """The class of each of `count` points, (count,): for the target "each" all classes in turn, for the number of a
    class that class; None for "all"."""
    if target == "all" or data.classes == 1:
        return None
    return torch.arange(count) % data.classes if target == "each" else torch.full((count,), int(target))


def from_points(
    name: str, title: str, points, scale: str = "fitted into [−4, 4]²", labels=None, label_names: Sequence[str] = ()
) -> DataSet:
    """A finite data set from points (n, 2), without rescaling, and optionally their classes (n,). Raises ValueError
    where there are too few points or all are the same."""
    points = np.asarray(points, dtype=float)
    check_points(points)
    return DataSet(name, title, points_distribution(points, labels), scale, label_names, finite=True)


def check_points(points: np.ndarray) -> None:
    """Raises ValueError unless points is (n, 2), finite, and holds at least two different points."""
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"The points have the shape {points.shape}; two numbers a point are needed.")
    if not np.isfinite(points).all():
        bad = int((~np.isfinite(points)).any(1).sum())
        raise ValueError(f"{bad:,} of {counted(len(points), 'point')} are not finite numbers.")
    if len(points) < LEAST_POINTS or len(np.unique(points, axis=0)) < LEAST_POINTS:
        raise ValueError(
            f"{len(points)} point{'s' * (len(points) != 1)} in one place cannot be learned from: "
            "give at least two different points."
        )


def fitted(points: np.ndarray) -> np.ndarray:
    """The points shifted and scaled, by the same factor on both axes, so that they just fill [−4, 4]²."""
    check_points(points)
    with np.errstate(over="ignore"):
        low, high = points.min(axis=0), points.max(axis=0)
        half = float((high / 2 - low / 2).max())
    if not 1e-150 < half < 1e150 or half < 1e-12 * np.abs(points).max():
        raise ValueError("The points lie too close together, or too far apart, to be drawn.")
    return (points - (low / 2 + high / 2)) * (HALF_WIDTH / half)
