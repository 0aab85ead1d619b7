"""Shares of a sample: in each mode, with multinomial errors, and inside the support of the data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from demos.diffusion.data.dataset import DataSet
from demos.diffusion.distributions import Boxes


@dataclass(frozen=True)
class Shares:
    """measured, exact (C,): the share of each class; errors (C,): √(p(1 − p)/n) for independent points, and 0 where
    the number of points of each class was prescribed."""

    measured: Tensor
    exact: Tensor
    errors: Tensor


def mode_shares(data: DataSet, cloud: Tensor, labels: Tensor | None = None) -> Shares:
    """The share of each class in cloud (N, 2); points that are not finite count in no class. labels (N,): the class
    prescribed for each point, None where classes are random."""
    finite = torch.isfinite(cloud).all(1)
    counts = torch.bincount(data.distribution.classify(cloud[finite]), minlength=data.classes)
    if labels is not None:
        exact = torch.bincount(labels, minlength=data.classes).double() / len(labels)
        return Shares(counts / len(cloud), exact, torch.zeros_like(exact))
    exact = data.distribution.shares
    return Shares(counts / len(cloud), exact, (exact * (1 - exact) / len(cloud)).sqrt())


@lru_cache(maxsize=16)
def misnamed(data: DataSet, count: int = 10_000) -> float:
    """The share of true points that lie where another class is likelier: the least that any sampler can reach."""
    points, classes = data.sample(count, 11)
    return float((data.distribution.classify(points) != classes).double().mean())


def support_fraction(data: DataSet, cloud: Tensor) -> tuple[float, float] | None:
    """(share of the points inside the support, its standard error); None where the support is unbounded."""
    if not isinstance(data.distribution, Boxes):
        return None
    share = float(data.distribution.inside(cloud).double().mean())
    return share, math.sqrt(max(share * (1 - share), 1 / len(cloud)) / len(cloud))
