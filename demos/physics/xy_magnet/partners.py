"""Partners of vortices: each vortex is assigned an antivortex so that the sum of all distances is least."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

MOST_MATCHED = 200  # most pairs of one frame: more would take long, and partners are not meaningful at that density


def partner_distances(centres: np.ndarray, signs: np.ndarray, size: int) -> np.ndarray:
    """(K,) the distance of each vortex to its partner on a torus of this size; centres (2K, 2), signs (2K,) ±1."""
    left, right = centres[signs > 0], centres[signs < 0]
    if not len(left) or not len(right):
        return np.zeros(0)
    apart = np.abs(left[:, None] - right[None])
    distances = np.linalg.norm(np.minimum(apart, size - apart), axis=-1)
    return distances[linear_sum_assignment(distances)]
