"""Distances between two samples, and their floor: the distance between two independent true samples of that size.

A distance must be compared with its floor: for multimodal data at a few thousand points, most of W2 comes from the
random number of points in each mode.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from demos.common.progress import checkpoint
from demos.diffusion.data.dataset import DataSet

MOST_ASSIGNED = 2_000  # most points of the exact assignment: its time grows like n³ (0.1–1 s at 1,000, over 0.4 s here)
CHECK_EVERY = 0.02  # seconds between two cancellation checkpoints while the assignment runs in its own thread
ANGLES = 32  # more directions do not change the third digit
KERNELS = (0.05, 0.2, 0.8)  # bandwidths in spreads of the data: inside a mode, between modes, the whole


@dataclass(frozen=True)
class Distance:
    """The mean of a distance over pairs of samples, and its standard deviation from pair to pair."""

    mean: float
    spread: float
    pairs: int


def sliced_w2(a: Tensor, b: Tensor, angles: int = ANGLES) -> float:
    """√ of the mean over directions of the one-dimensional W2² (Rabin et al. 2011; Bonneel et al. 2015).

    a, b: (n, 2), equal n. The directions are not random: in the plane, `angles` equally spaced ones are a quadrature.
    """
    _same(a, b)
    first, second = (sorted_projections(cloud, angles) for cloud in (a, b))
    return math.sqrt(np.square(first - second, dtype=np.float64).mean())


def sorted_projections(cloud: Tensor, angles: int = ANGLES) -> np.ndarray:
    """The points (n, 2) projected on equally spaced directions, each projection sorted: (angles, n) float32."""
    theta = math.pi * (np.arange(angles) + 0.5) / angles
    directions = np.stack([np.cos(theta), np.sin(theta)], axis=1).astype(np.float32)
    # numpy sorts float32 several times faster than torch does
    return np.sort(directions @ cloud.detach().float().numpy().T, axis=1)


def w2(a: Tensor, b: Tensor) -> float:
    """Exact W2: √ of the least mean |x − y|² over all pairings of the points. a, b: (n, 2), equal n ≤ 2,000."""
    _same(a, b)
    if len(a) > MOST_ASSIGNED:
        raise ValueError(f"exact W2 of {len(a):,} points would take too long; at most {MOST_ASSIGNED:,}, or sliced W2.")
    cost = torch.cdist(a.double(), b.double()).square().numpy()
    rows, columns = _assigned(cost)
    return math.sqrt(cost[rows, columns].mean())


def _assigned(cost: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The assignment of least cost, computed in a separate thread, because SciPy's solver cannot be interrupted.

    SciPy releases the interpreter's lock meanwhile. If the caller is cancelled, the thread ends by itself within a
    second or two.
    """
    pool = ThreadPoolExecutor(1)
    try:
        found = pool.submit(linear_sum_assignment, cost)
        while not wait([found], CHECK_EVERY).done:
            checkpoint()
        return found.result()
    finally:
        pool.shutdown(wait=False)


def mmd(a: Tensor, b: Tensor, unit: float) -> float:
    """Unbiased MMD² (Gretton et al. 2012, eq. 3): for equal distributions it has mean 0, and may be negative.

    The kernel is the mean of Gaussians with bandwidths KERNELS × unit. a, b: (n, 2), any n ≥ 2.
    """

    def kernel(x: Tensor, y: Tensor) -> Tensor:
        checkpoint()
        squared = (x[:, :1] - y[:, 0]).square() + (x[:, 1:] - y[:, 1]).square()
        return sum(torch.exp(squared * (-0.5 / (width * unit) ** 2)) for width in KERNELS) / len(KERNELS)

    def within(x: Tensor) -> float:
        n = len(x)  # the diagonal is 1
        return (float(kernel(x, x).sum(dtype=torch.float64)) - n) / (n * (n - 1))

    a, b = a.float(), b.float()
    return within(a) + within(b) - 2 * float(kernel(a, b).mean(dtype=torch.float64))


def floor(
    distance: Callable[[Tensor, Tensor], float],
    data: DataSet,
    count: int,
    pairs: int = 16,
    seed: int = 10_000,
    labels: Tensor | None = None,
) -> Distance:
    """Mean and standard deviation of the distance between two independent samples of the data, `count` points each,
    with the classes `labels` (count,) where they are given."""
    values = []
    for i in range(pairs):
        checkpoint()
        a, b = (data.sample(count, seed + 2 * i + j, labels)[0].float() for j in (0, 1))
        values.append(distance(a, b))
    return Distance(float(np.mean(values)), float(np.std(values, ddof=1)) if pairs > 1 else 0.0, pairs)


def _same(a: Tensor, b: Tensor) -> None:
    if a.shape != b.shape or a.ndim != 2 or a.shape[1] != 2 or len(a) == 0:
        raise ValueError(f"clouds of the shapes {tuple(a.shape)} and {tuple(b.shape)} must both be (n, 2), equal n.")
