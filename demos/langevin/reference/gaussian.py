"""Gaussian distributions on a quadratic potential U = x·Hx/2: their averages, and their free energy.

F above equilibrium is kT KL(N(mean, covariance) ‖ exp(−U/kT)/Z), in closed form. For N particles it is estimated from
their mean and covariance; error and bias of the estimate follow from the exact ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy.special import chdtri

from demos.langevin.exact import quadratic
from demos.langevin.reference.distribution import Distribution

NODES = 24  # nodes a side of the Gauss–Hermite quadrature
FREE = 5  # numbers in a mean and a covariance in the plane: each adds kT/2N to the free energy of a sample
SQUARES = float(chdtri(FREE, 6.3e-5))  # quantile of χ² with FREE degrees of freedom that is as rare as four sigmas


@dataclass(frozen=True)
class Gaussian:
    """N(mean, covariance) in the plane, on U = x·Hx/2 at kT."""

    mean: np.ndarray  # (2,)
    covariance: np.ndarray  # (2, 2)
    hessian: np.ndarray
    kT: float

    @property
    def free_energy(self) -> float:
        return gaussian_free_energy(self.mean, self.covariance, self.hessian, self.kT)

    def error(self, count: int) -> float:
        """Standard error of the free energy of `count` particles: from its gradient in their mean and covariance, and
        from its curvature, which alone is left in equilibrium."""
        gradient = self.hessian @ self.mean / self.kT
        spread = gradient @ self.covariance @ gradient
        first = (spread + 0.5 * np.sum((self._stretched - 1) ** 2)) / count
        second = 2 * (np.sum(self._stretched**2) + FREE - 2) / (2 * count) ** 2
        return float(self.kT * np.sqrt(first + second))

    def bias(self, count: int) -> float:
        """The mean excess of the free energy of `count` particles over the exact one: kT/2N for each of five numbers,
        more along an axis that is wider than in equilibrium."""
        return float(self.kT / (2 * count) * (self._stretched.sum() + FREE - 2))

    def skew(self, count: int) -> float:
        """The excess over four standard errors that a sum of squares, which is not normal, reaches equally rarely."""
        return float(self.kT / (2 * count) * max(1.0, self._stretched.max()) * (SQUARES - FREE - 4 * np.sqrt(2 * FREE)))

    @property
    def _stretched(self) -> np.ndarray:
        return np.linalg.eigvals(self.hessian @ self.covariance / self.kT).real


def gaussian_free_energy(mean: np.ndarray, covariance: np.ndarray, hessian: np.ndarray, kT: float) -> float:
    """kT KL(N(mean, covariance) ‖ exp(−x·Hx/2kT)/Z); inf for a covariance that is singular or not finite."""
    scaled = hessian @ covariance / kT
    if not np.isfinite(scaled).all():
        return float("inf")
    sign, logdet = np.linalg.slogdet(scaled)
    if sign <= 0:
        return float("inf")
    return float(0.5 * (mean @ hessian @ mean) + 0.5 * kT * (np.trace(scaled) - len(mean) - logdet))


def sample_free_energy(cloud: np.ndarray, hessian: np.ndarray, kT: float) -> float:
    """The free energy of a cloud (N, 2), from its mean and covariance."""
    cloud = cloud.astype(np.float64)
    return gaussian_free_energy(cloud.mean(0), np.cov(cloud.T), hessian, kT)


def gaussian_distribution(mean: np.ndarray, covariance: np.ndarray, source: str) -> Distribution:
    """N(mean, covariance) in the plane, by Gauss–Hermite nodes."""
    z, w = np.polynomial.hermite_e.hermegauss(NODES)
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0))
    zx, zy = np.meshgrid(z, z)
    points = mean + np.stack([zx.ravel(), zy.ravel()], axis=1) @ root.T
    weights = np.multiply.outer(w, w).ravel()
    sides = []
    for i in (0, 1):
        std = max(np.sqrt(covariance[i, i]), 1e-9)
        s = mean[i] + std * np.linspace(-5, 5, 201)
        sides.append((s, np.exp(-0.5 * ((s - mean[i]) / std) ** 2) / (np.sqrt(2 * np.pi) * std)))
    return Distribution(source, torch.from_numpy(points), weights / weights.sum(), tuple(sides))


def splitting_moments(
    word: str,
    h: float,
    steps: int,
    hessian: np.ndarray,
    kT: float,
    friction: float,
    mass: float,
    mean: np.ndarray,
    covariance: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Mean (4,) and covariance (4, 4) of (x, y, pₓ, p_y) after `steps` steps of a splitting, from thermal momenta.

    mean (2,) and covariance (2, 2) are those of the positions at the start.
    """
    stiffness, axes = np.linalg.eigh(hessian)
    turn = np.kron(np.eye(2), axes)  # (x, y, p) from the modes
    matrix, noise = np.zeros((4, 4)), np.zeros((4, 4))
    for i, k in enumerate(stiffness):
        step = quadratic.splitting_step(word, h, np.sqrt(k / mass), friction, kT, mass)
        power = step.power(steps)
        matrix[np.ix_([i, 2 + i], [i, 2 + i])] = power.matrix
        noise[np.ix_([i, 2 + i], [i, 2 + i])] = power.noise
    start_mean = turn.T @ np.concatenate([mean, np.zeros(2)])
    start = np.zeros((4, 4))
    start[:2, :2] = covariance
    start[2:, 2:] = mass * kT * np.eye(2)
    start = turn.T @ start @ turn
    return turn @ (matrix @ start_mean), turn @ (matrix @ start @ matrix.T + noise) @ turn.T
