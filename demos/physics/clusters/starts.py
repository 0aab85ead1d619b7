"""Start states of clusters: random ones, and two known shapes."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

MOST_TRIES = 100_000  # most attempts to place one atom; the densities used here need about three


def random_ball(
    count: int, seed: int, replicas: int, distance: float, density: float = 0.5, closest: float = 0.7
) -> Tensor:
    """(replicas, count, 3): uniform in a ball, no two atoms too close.

    density: atoms per unit of volume, and closest: the least pair distance, both for atoms whose equilibrium distance
    is 2^(1/6) as in Lennard-Jones; `distance` is the equilibrium distance of this system and scales both.
    """
    scale = distance / 2 ** (1 / 6)
    radius = (3 * count / (4 * np.pi * density)) ** (1 / 3)
    random = np.random.default_rng([seed, 3])
    result = np.empty((replicas, count, 3))
    for points in result:
        placed = tries = 0
        while placed < count:
            trial = random.uniform(-radius, radius, 3)
            tries += 1
            if trial @ trial > radius * radius:
                continue
            gap = points[:placed] - trial
            if placed == 0 or np.einsum("ij,ij->i", gap, gap).min() >= closest * closest or tries > MOST_TRIES:
                points[placed] = trial
                placed, tries = placed + 1, 0
    return torch.from_numpy(result * scale)


def icosahedron(edge: float) -> np.ndarray:
    """(13, 3): the twelve vertices of an icosahedron and its centre."""
    golden = (1 + np.sqrt(5)) / 2
    corners = [(0, a, b * golden) for a in (-1, 1) for b in (-1, 1)]
    vertices = [np.roll(corner, shift) for shift in range(3) for corner in corners]
    return np.vstack(([[0.0, 0.0, 0.0]], np.array(vertices) * (edge / 2)))


def truncated_octahedron(edge: float) -> np.ndarray:
    """(38, 3): the face-centred cubic lattice about an octahedral hole, out to the third shell (6 + 8 + 24)."""
    places = np.stack(np.meshgrid(*[np.arange(-2, 3)] * 3, indexing="ij"), -1).reshape(-1, 3)
    places = places[(places.sum(1) % 2 == 1) & ((places**2).sum(1) <= 5)]
    return places * (edge / np.sqrt(2))
