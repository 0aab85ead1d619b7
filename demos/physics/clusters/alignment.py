"""Clusters aligned up to a permutation of their atoms and a rotation (Kabsch and assignment)."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from demos.common.progress import checkpoint

TRIES, ROUNDS = 6, 8


def aligned(points: np.ndarray, target: np.ndarray) -> np.ndarray:
    """points (N, 3) about their centre, permuted and rotated so as to be as near as possible to target (N, 3).

    The best permutation for a rotation and the best rotation for a permutation (Kabsch, Acta Cryst. A 32 (1976) 922)
    alternate, from a few starting rotations; a mirror image is not aligned. The result is deterministic.
    """
    points, target = points - points.mean(0), target - target.mean(0)
    random, best, nearest = np.random.default_rng(0), points, np.inf
    for attempt in range(TRIES):
        checkpoint()
        moved = points @ (np.eye(3) if attempt == 0 else _rotation(random.standard_normal((3, 3))))
        for _ in range(ROUNDS):
            order = linear_sum_assignment(cdist(target, moved, "sqeuclidean"))[1]
            moved = moved[order]
            u, _, v = np.linalg.svd(moved.T @ target)
            moved = moved @ (u @ np.diag([1, 1, np.linalg.det(u @ v)]) @ v)
        distance = float(((moved - target) ** 2).sum())
        if distance < nearest:
            best, nearest = moved, distance
    return best


def _rotation(matrix: np.ndarray) -> np.ndarray:
    """The rotation nearest to a matrix (3, 3)."""
    q = np.linalg.qr(matrix)[0]
    return q * np.sign(np.linalg.det(q))
