"""Exact distributions at any time on a quadratic potential, in continuous time and for each linear method."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy.linalg import expm

from demos.langevin.exact import quadratic
from demos.langevin.reference.distribution import Distribution, Marginal
from demos.langevin.reference.gaussian import gaussian_distribution, splitting_moments

NODES = 16  # nodes a side of a uniform start, and of the noise added to it
BLUR = 801  # points of the marginals of a uniform start


@dataclass(frozen=True)
class LinearMap:
    """x → matrix x + N(0, noise), (2, 2) each: the effect of some steps, or of some time, on the positions."""

    matrix: np.ndarray
    noise: np.ndarray


def after_steps(
    method: str, steps: int, hessian: np.ndarray, h: float, kT: float, friction: float, mass: float
) -> LinearMap:
    """The map of `steps` steps of a linear method; underdamped ones start with thermal momenta."""
    zero, unit = np.zeros(2), np.eye(2)

    def moments(mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if method in quadratic.NAMED_WORDS:
            mean, covariance = splitting_moments(method, h, steps, hessian, kT, friction, mass, mean, np.zeros((2, 2)))
            return mean[:2], covariance[:2, :2]
        return quadratic.moments(method, hessian, h, kT, steps, mean)

    with np.errstate(over="ignore", invalid="ignore"):  # a step beyond the limit
        return LinearMap(np.stack([moments(unit[i])[0] for i in (0, 1)], axis=1), moments(zero)[1])


def after_time(t: float, hessian: np.ndarray, kT: float, friction: float | None, mass: float) -> LinearMap:
    """The map of the exact dynamics over a time t: overdamped where friction is None, else from thermal momenta."""
    thermal = kT * np.linalg.inv(hessian)
    if friction is None:
        decay = expm(-t * hessian)
        return LinearMap(decay, thermal - decay @ thermal @ decay.T)
    unit, zero = np.eye(2), np.zeros((2, 2))
    moved = expm(t * np.block([[zero, unit / mass], [-hessian, -friction * unit]]))
    rest = np.block([[thermal, zero], [zero, mass * kT * unit]])
    start = np.block([[zero, zero], [zero, mass * kT * unit]])
    covariance = rest + moved @ (start - rest) @ moved.T
    return LinearMap(moved[:2, :2], covariance[:2, :2])


def moved_gaussian(step: LinearMap, mean: np.ndarray, covariance: np.ndarray, source: str) -> Distribution:
    """The distribution after `step` from a Gaussian start."""
    return gaussian_distribution(step.matrix @ mean, step.matrix @ covariance @ step.matrix.T + step.noise, source)


def moved_box(step: LinearMap, low: np.ndarray, high: np.ndarray, source: str) -> Distribution:
    """The distribution after `step` from a uniform start between low (2,) and high (2,)."""
    u, wu = np.polynomial.legendre.leggauss(NODES)
    z, wz = np.polynomial.hermite_e.hermegauss(NODES)
    values, vectors = np.linalg.eigh(step.noise)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    centre, half = (low + high) / 2, (high - low) / 2
    starts = np.stack([side.ravel() for side in np.meshgrid(u, u)], axis=1) * half + centre
    noise = np.stack([side.ravel() for side in np.meshgrid(z, z)], axis=1) @ root.T
    points = ((starts @ step.matrix.T)[:, None, :] + noise[None]).reshape(-1, 2)
    weights = np.multiply.outer(np.outer(wu, wu).ravel(), np.outer(wz, wz).ravel()).ravel()
    sides = tuple(_box_marginal(step, centre, half, i) for i in (0, 1))
    return Distribution(source, torch.from_numpy(points), weights / weights.sum(), sides)


def _box_marginal(step: LinearMap, centre: np.ndarray, half: np.ndarray, i: int) -> Marginal:
    """The marginal of coordinate i, a convolution of two uniform densities and a Gaussian, by characteristic
    functions."""
    a, b = np.abs(step.matrix[i]) * half
    middle, std = float(step.matrix[i] @ centre), float(np.sqrt(max(step.noise[i, i], 0.0)))
    reach = a + b + 8 * std + 1e-9
    s = np.linspace(-reach, reach, BLUR)
    k = np.pi * np.arange(1, 4 * BLUR) / reach
    transform = np.sinc(a * k / np.pi) * np.sinc(b * k / np.pi) * np.exp(-0.5 * (k * std) ** 2)
    density = (0.5 + np.cos(np.outer(s, k)) @ transform) / reach
    return middle + s, np.maximum(density, 0.0)
