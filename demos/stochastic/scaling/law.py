"""The exact loss of SGD on a quadratic for any batch size, and the diffusion limit, which depends only on lr/B."""

from __future__ import annotations

import numpy as np

from demos.stochastic.scaling.config import ScalingConfig

CURVATURES = np.array([1.0, 0.25])


def _loss(means: np.ndarray, variances: np.ndarray) -> tuple[float, float]:
    """Mean and variance of ½ Σ h x² for independent normal x."""
    h = CURVATURES
    mean = 0.5 * float((h * (means**2 + variances)).sum())
    return mean, float((h**2 * (0.5 * variances**2 + means**2 * variances)).sum())


def discrete(config: ScalingConfig, batch: int, steps: int) -> tuple[float, float]:
    """The exact mean and variance of the loss over chains after `steps` steps with lr = ratio × B."""
    h, lr = CURVATURES, config.rate(batch)
    keep = 1 - lr * h
    left = keep ** (2 * steps)
    return _loss(config.start * keep**steps, lr**2 * config.noise**2 * h / batch * (1 - left) / (1 - keep**2))


def limit(config: ScalingConfig, time: float) -> float:
    """Mean loss of dx = −h x dt + √(lr σ² h/B) dW at this time: B and lr occur only as lr/B."""
    h = CURVATURES
    variances = config.ratio * config.noise**2 / 2 * -np.expm1(-2 * h * time)
    return _loss(config.start * np.exp(-h * time), variances)[0]
