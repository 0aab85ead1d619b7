"""How wide a curve is: the distance of points from its middle, for data along one curve with a little noise."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch

from demos.diffusion.data import DataSet
from demos.diffusion.distributions import GaussianMixture
from demos.diffusion.verdict.expected import large_sample

PART = 4_000  # points whose distances are computed at once


def is_curve(data: DataSet) -> bool:
    """Whether the data lie along one curve: a mixture of narrow components side by side, without classes."""
    return isinstance(data.distribution, GaussianMixture) and data.classes == 1 and not data.finite


def squares(data: DataSet, points: np.ndarray) -> np.ndarray:
    """The squared distances (n,) of points (n, 2) from the middle of the curve; points that are not finite are far."""
    middle = data.distribution.means.double()
    cloud = torch.from_numpy(np.nan_to_num(points, nan=1e6)).double()
    return np.concatenate([torch.cdist(part, middle).amin(1).square().numpy() for part in cloud.split(PART)])


@lru_cache(maxsize=16)
def true_squares(data: DataSet) -> tuple[float, float]:
    """Mean and standard deviation of the squared distance of true points."""
    found = squares(data, large_sample(data.distribution))
    return float(found.mean()), float(found.std())
