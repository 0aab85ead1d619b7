"""The ring itself, in closed form: eight normal distributions on the unit circle, and how far a cloud is from them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import exp, pi, sqrt

import numpy as np

MODES = 8
NEAR = 3.0  # standard deviations: a point farther from every centre belongs to none
INSIDE = 1 - exp(-(NEAR**2) / 2)  # of a mode's points
HELD = 1 / 64  # of all points, an eighth of what is due: a mode with fewer is lost
KERNEL = 0.25  # standard deviation of the kernel by which clouds are compared
PAIRS = 200  # true clouds, for the distribution of the distance between a true cloud and the ring

ANGLES = 2 * pi * np.arange(MODES) / MODES
CENTRES = np.stack((np.cos(ANGLES), np.sin(ANGLES)), -1)


def sample(sigma: float, count: int, random: np.random.Generator) -> np.ndarray:
    """(count, 2)"""
    return CENTRES[random.integers(MODES, size=count)] + sigma * random.standard_normal((count, 2))


@dataclass(frozen=True)
class Cloud:
    """shares (8,): of all points, within NEAR standard deviations of each centre. near (N,): to the nearest one."""

    shares: np.ndarray
    near: np.ndarray

    @property
    def held(self) -> int:
        return int((self.shares >= HELD).sum())


def cloud(points: np.ndarray, sigma: float) -> Cloud:
    """Of points (N, 2); a point that is not finite belongs to no mode."""
    apart = np.hypot(*(np.nan_to_num(points, nan=1e6)[:, None] - CENTRES).transpose(2, 0, 1))
    nearest, near = apart.argmin(1), apart.min(1)
    counts = np.bincount(nearest[near < NEAR * sigma], minlength=MODES)
    return Cloud(counts / len(points), near)


@lru_cache(maxsize=16)
def mean_distance(sigma: float) -> tuple[float, float]:
    """Mean and standard deviation of a true point's distance from the nearest centre, to 1e-5 of σ.

    By quadrature over one mode; where modes do not overlap σ√(π/2) and σ√(2 − π/2) (Rayleigh). At σ = 0.2, with 1.9 σ
    to the middle between two, the mean is some percent smaller.
    """
    z = np.linspace(-7, 7, 281)
    weight = np.exp(-z * z / 2) / np.exp(-z * z / 2).sum()
    points = CENTRES[0] + sigma * np.stack(np.meshgrid(z, z), -1)
    near = np.sqrt(((points[:, :, None] - CENTRES) ** 2).sum(-1)).min(-1)
    mean = float(weight @ near @ weight)
    return mean, sqrt(float(weight @ near**2 @ weight) - mean**2)


def discrepancy(points: np.ndarray, sigma: float) -> float:
    """Squared maximum mean discrepancy between the points (N, 2) and the ring itself, with a normal kernel.

    E k(x, y) over y is a sum of normal densities: of two distributions only the cloud is a sample (Gretton et al. 2012,
    without the diagonal: 0 in the mean for true points).
    """
    points = np.clip(np.nan_to_num(points, nan=1e6), -1e6, 1e6)
    squares = (points**2).sum(1)
    apart = np.maximum(squares[:, None] + squares - 2 * points @ points.T, 0)
    kernel = np.exp(apart / (-2 * KERNEL**2))
    own = (kernel.sum() - np.trace(kernel)) / (len(points) * (len(points) - 1))
    mixed = _smoothed(points, sigma**2 + KERNEL**2).mean()
    ring = _smoothed(CENTRES, 2 * sigma**2 + KERNEL**2).mean()
    return float(own - 2 * mixed + ring)


def _smoothed(points: np.ndarray, variance: float) -> np.ndarray:
    """Mean over the centres of the kernel, widened to this variance."""
    apart = ((points[:, None] - CENTRES) ** 2).sum(-1)
    return KERNEL**2 / variance * np.exp(apart / (-2 * variance)).mean(1)


@lru_cache(maxsize=16)
def null(sigma: float, count: int) -> np.ndarray:
    """(PAIRS,): the discrepancies of true clouds of so many points, rising."""
    random = np.random.default_rng(0)
    return np.sort([discrepancy(sample(sigma, count, random), sigma) for _ in range(PAIRS)])
