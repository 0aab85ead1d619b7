"""Which part of a cloud lies where: mode shares with their multinomial errors, and the share inside the support."""

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
    """measured, exact (C,): the share of each class; errors (C,): √(p(1 − p)/n) for independent points, 0 where the
    class of each point was asked for."""

    measured: Tensor
    exact: Tensor
    errors: Tensor


def mode_shares(data: DataSet, cloud: Tensor, labels: Tensor | None = None) -> Shares:
    """cloud (N, 2); points that are not finite count in no class. labels (N,): the class that each point should have,
    where that is not left to chance."""
    finite = torch.isfinite(cloud).all(1)
    counts = torch.bincount(data.distribution.classify(cloud[finite]), minlength=data.classes)
    if labels is not None:
        exact = torch.bincount(labels, minlength=data.classes).double() / len(labels)
        return Shares(counts / len(cloud), exact, torch.zeros_like(exact))
    exact = data.distribution.shares
    return Shares(counts / len(cloud), exact, (exact * (1 - exact) / len(cloud)).sqrt())


@lru_cache(maxsize=16)
def misnamed(data: DataSet, count: int = 10_000) -> float:
    """The share of true points that lie where another class is likelier: no sampler can do better."""
    points, classes = data.sample(count, 11)
    return float((data.distribution.classify(points) != classes).double().mean())


def support_fraction(data: DataSet, cloud: Tensor) -> tuple[float, float] | None:
    """(share inside the support, one standard error); None where the data are not of bounded support."""
    if not isinstance(data.distribution, Boxes):
        return None
    share = float(data.distribution.inside(cloud).double().mean())
    return share, math.sqrt(max(share * (1 - share), 1 / len(cloud)) / len(cloud))
