"""The exact marginal distribution of x at any noise level, as the probability of each bin of a histogram."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtr

from demos.common.progress import checkpoint
from demos.diffusion.distributions.boxes import Boxes
from demos.diffusion.distributions.distribution import Distribution
from demos.diffusion.distributions.mixture import GaussianMixture


def bin_probabilities(distribution: Distribution, edges: np.ndarray, sigma: float) -> np.ndarray:
    """P(eᵢ ≤ x < eᵢ₊₁) under p_σ for edges (B + 1,), rising: (B,) float64.

    Per bin and not per point, so that it holds at σ = 0 too, where a finite data set has no density.
    Raises TypeError for a distribution of another kind than those of `demos.diffusion.distributions`.
    """
    checkpoint()
    edges = np.asarray(edges, dtype=float)[:, None]
    match distribution:
        case GaussianMixture():
            own = distribution.covariances if distribution.is_round else distribution.covariances[:, 0, 0]
            spread = np.sqrt(own.numpy() + sigma**2)
            below = _below(edges - distribution.means[:, 0].numpy(), spread) @ distribution.weights.numpy()
        case Boxes():
            corners = distribution.corners[:, 0].numpy()
            if sigma == 0:
                below = np.clip((edges - corners) / distribution.side, 0, 1).mean(1)
            else:  # the mean of Φ over a side in closed form: ∫Φ = zΦ(z) + φ(z)
                low, high = ((edges - corners - side) / sigma for side in (distribution.side, 0.0))
                below = ((_antiderivative(high) - _antiderivative(low)) * sigma / distribution.side).mean(1)
        case _:
            raise TypeError(f"no marginals are known for a distribution of type {type(distribution).__name__}.")
    return np.diff(below).clip(0.0)


def _below(z: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Φ(z/spread), and a step where the spread is 0"""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(spread > 0, ndtr(z / spread), z >= 0)


def _antiderivative(z: np.ndarray) -> np.ndarray:
    return z * ndtr(z) + np.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)
