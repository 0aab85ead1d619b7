"""Start states of charges on a sphere."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

MOST_TRIES = 100_000  # most attempts to place one charge; the densities used here need about three


def random_sphere(count: int, seed: int, replicas: int, closest: float = 0.0) -> Tensor:
    """(replicas, count, 3): uniform on the unit sphere, independent but for the least distance of two."""
    random = np.random.default_rng([seed, 4])
    points = random.standard_normal((replicas, count, 3))
    points /= np.linalg.norm(points, axis=2, keepdims=True)
    for sphere in points if closest > 0 else ():
        placed = tries = 0
        while placed < count:
            if (
                placed == 0
                or ((sphere[:placed] - sphere[placed]) ** 2).sum(1).min() >= closest * closest
                or tries > MOST_TRIES
            ):
                placed, tries = placed + 1, 0
                continue
            trial = random.standard_normal(3)
            sphere[placed], tries = trial / np.linalg.norm(trial), tries + 1
    return torch.from_numpy(points)


def spiral_sphere(count: int) -> np.ndarray:
    """(count, 3): nearly even on the unit sphere, on a spiral (Saff & Kuijlaars, Math. Intelligencer 19 (1997) 5)."""
    height = 1 - (2 * np.arange(count) + 1) / count
    angle = np.pi * (1 + np.sqrt(5)) * np.arange(count)
    radius = np.sqrt(1 - height**2)
    return np.stack((radius * np.cos(angle), radius * np.sin(angle), height), axis=1)
