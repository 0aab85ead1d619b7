"""Batch norm over B samples at initialization: how different its outputs are, and what it does to gradients.

In a wide network the B preactivations of a unit are Gaussian and alike, so that after centring and scaling them to
length √B they are a random point y of the sphere in the B − 1 dimensions orthogonal to (1, …, 1). The gradient that
comes back has no part along (1, …, 1), and with P = 1 − 11ᵀ/B − yyᵀ/B and D = diag φ'(y) a layer multiplies it by

    χ = σ_w² E tr(P D (1 − 11ᵀ/B) D P) / (B − 1) · B/(B − 3) / v,        v' = σ_w² (E φ(y₁)² − E φ(y₁) φ(y₂)),

v being the variance between samples before the norm, v' that after the next linear map. For ReLU this is the closed
form of Yang et al. 2019 (arXiv:1902.08129), which tends to π/(π − 1) = 1.467 for large batches; it is 1.79 for B = 8.
"""

from __future__ import annotations

from functools import lru_cache
from math import pi, sqrt

import numpy as np
from scipy.linalg import eigh_tridiagonal

from demos.networks.theory.activations import Activation

LEAST = 5  # samples: below, 1/v has no mean, or the plane of two of them has no density
RADII, ANGLES, KINKED_ANGLES = 40, 160, 4_096  # of the quadrature; a kink asks for more angles


@lru_cache(maxsize=64)
def batch_moments(activation: Activation, batch: int) -> tuple[float, float, float]:
    """E φ(y₁)², E φ(y₁)² − E φ(y₁) φ(y₂), and χ·v/σ_w² for a batch of at least LEAST samples."""
    count, angles = batch, ANGLES if activation.kink is None else KINKED_ANGLES
    shared = -1 / (count - 1)  # correlation of two samples, because their sum is 0
    squares, weights = _squared_radii((count - 5) / 2)
    angle = (np.arange(angles) + 0.5) * (2 * pi / angles)
    first = np.sqrt(squares)[:, None] * np.cos(angle)
    second = shared * first + sqrt(1 - shared**2) * np.sqrt(squares)[:, None] * np.sin(angle)
    y, other = sqrt(count - 1) * first, sqrt(count - 1) * second

    def mean(values: np.ndarray) -> float:
        return float(weights @ values.mean(1))

    value, slope, other_slope = activation.value(y), activation.slope(y), activation.slope(other)
    square = mean(value**2)
    trace = mean(slope**2 * (1 - 1 / count - y**2 / count)) + mean(slope * other_slope * (1 + y * other)) / count
    return square, square - mean(value * activation.value(other)), count / (count - 3) * trace


def _squared_radii(power: float) -> tuple[np.ndarray, np.ndarray]:
    """Gauss–Jacobi nodes and weights for the density ∝ (1 − s)^power on (0, 1), that of the squared length of two
    coordinates of a point of the sphere, by the eigenvalues of the recurrence (Golub & Welsch 1969).

    SciPy's `roots_jacobi` gives the same and overflows beyond some thousand samples."""
    m = np.arange(1, RADII, dtype=float)
    diagonal = np.concatenate(([-power / (power + 2)], -(power**2) / ((2 * m + power) * (2 * m + power + 2))))
    square = 4 * m**2 * (m + power) ** 2 / ((2 * m + power) ** 2 * (2 * m + power + 1) * (2 * m + power - 1))
    nodes, vectors = eigh_tridiagonal(diagonal, np.sqrt(square))
    return (nodes + 1) / 2, vectors[0] ** 2
