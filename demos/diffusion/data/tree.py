"""A two-class tree of Gaussians, after the toy data of Karras et al. 2024 (arXiv:2406.02507, fig. 2).

Both classes grow from one root into separate branches and overlap near the root. There guidance changes the samples: it
pushes those of one class away from the other.
"""

from __future__ import annotations

import numpy as np

from demos.diffusion.distributions import GaussianMixture

DEPTH, PER_BRANCH, SEED = 5, 4, 2


def tree() -> GaussianMixture:
    """Two classes of 2⁵ − 1 branches with four Gaussians each, fitted into [−3.7, 3.7]²."""
    random = np.random.default_rng(SEED)
    parts = [_grow(random, heading) for heading in (0.28 * np.pi, 1.12 * np.pi)]
    weights, means, covariances = (np.concatenate(side) for side in zip(*parts, strict=True))
    labels = np.repeat([0, 1], [len(part[0]) for part in parts])
    low, high = means.min(axis=0), means.max(axis=0)
    scale = 7.4 / float((high - low).max())
    return GaussianMixture(weights, (means - (low + high) / 2) * scale, covariances * scale**2, labels)


def _grow(random: np.random.Generator, heading: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights, means and covariances of one class: each branch ends in two shorter and thinner ones."""
    weights, means, covariances = [], [], []
    branches = [(np.zeros(2), heading, 1.0, 0.09, 1.0)]
    for _ in range(DEPTH):
        following = []
        for root, angle, length, width, weight in branches:
            along = np.array([np.cos(angle), np.sin(angle)])
            across = np.array([-along[1], along[0]])
            step = length / PER_BRANCH
            for i in range(PER_BRANCH):
                weights.append(weight / PER_BRANCH)
                means.append(root + (i + 0.5) * step * along)
                covariances.append((0.6 * step) ** 2 * np.outer(along, along) + width**2 * np.outer(across, across))
            tip = root + length * along
            for side in (-1, 1):
                turn = side * random.uniform(0.35, 0.75)
                shorter = length * random.uniform(0.62, 0.82)
                following.append((tip, angle + turn, shorter, 0.62 * width, weight / 2 * 0.9))
        branches = following
    return np.array(weights), np.array(means), np.array(covariances)
