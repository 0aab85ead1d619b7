"""Ellipses of normal distributions, and normal densities, for pictures."""

from __future__ import annotations

import math

import numpy as np

CORNERS = 64


def ellipses(means: np.ndarray, variances: np.ndarray, sigmas: float = 2.0) -> np.ndarray:
    """(F, CORNERS, 2): upright ellipses, `sigmas` standard deviations around the means (F, 2), variances (F, 2)."""
    angle = np.linspace(0, 2 * math.pi, CORNERS, endpoint=False)
    circle = sigmas * np.stack((np.cos(angle), np.sin(angle)), 1)
    return means[:, None] + np.sqrt(variances)[:, None] * circle


def normal_density(x: np.ndarray, means: np.ndarray, variances: np.ndarray) -> np.ndarray:
    """(F, n): densities over x (n,); a row is nan where the variance is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (x - means[:, None]) ** 2 / variances[:, None]
        return np.where(variances[:, None] > 0, np.exp(-z / 2) / np.sqrt(2 * math.pi * variances[:, None]), np.nan)


def tilted_ellipses(means: np.ndarray, covariances: np.ndarray, sigmas: float = 2.0) -> np.ndarray:
    """(F, CORNERS, 2): ellipses, `sigmas` standard deviations around the means (F, 2), covariances (F, 2, 2); nan where
    a covariance is not finite."""
    angle = np.linspace(0, 2 * math.pi, CORNERS, endpoint=False)
    circle = sigmas * np.stack((np.cos(angle), np.sin(angle)))
    finite = np.isfinite(covariances).all((1, 2))
    values, vectors = np.linalg.eigh(np.where(finite[:, None, None], covariances, 0.0))
    roots = vectors * np.sqrt(np.maximum(values, 0.0))[:, None]
    out = means[:, None] + (roots @ circle).transpose(0, 2, 1)
    return np.where(finite[:, None, None], out, np.nan)
