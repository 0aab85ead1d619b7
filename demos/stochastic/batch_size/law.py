"""The exact expected loss of SGD on a quadratic after a budget of examples, for any batch size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demos.stochastic.batch_size.config import LARGEST, BatchSizeConfig

CURVATURES = np.array([1.0, 0.5, 0.25, 0.1])


@dataclass(frozen=True)
class Loss:
    """Mean and variance of ½ Σ h x² over chains, and the two parts of the mean: decay of the start, and noise."""

    mean: float
    variance: float
    start: float
    noise: float


def loss_after(config: BatchSizeConfig, batch: int, steps: int) -> Loss:
    """x_{k+1} = (1 − lr h) x_k − lr ξ, ξ of variance σ² h/B: normal in every direction, so that

    E L = ½ Σ h (r x₀² + lr² C/B (1 − r)/(1 − (1 − lr h)²)) with r = (1 − lr h)^(2 steps), and Var L = Σ h² (½V² + m²V).
    """
    h, lr = CURVATURES, config.lr
    decay = (1 - lr * h) ** 2
    left = decay**steps
    means = config.start**2 * left
    variances = lr**2 * config.noise**2 * h / batch * (1 - left) / (1 - decay)
    return Loss(
        float(0.5 * (h * (means + variances)).sum()),
        float((h**2 * (0.5 * variances**2 + means * variances)).sum()),
        float(0.5 * (h * means).sum()),
        float(0.5 * (h * variances).sum()),
    )


def expected_losses(config: BatchSizeConfig, sizes: np.ndarray, budget: int | None = None) -> np.ndarray:
    """E L (n,) for batches of these sizes (n,), after budget/size steps."""
    budget = config.budget if budget is None else budget
    h, lr = CURVATURES, config.lr
    decay = (1 - lr * h) ** 2
    left = decay ** (budget // sizes)[:, None]
    variances = lr**2 * config.noise**2 * h / sizes[:, None] * (1 - left) / (1 - decay)
    return 0.5 * (config.start**2 * left + variances) @ h


def best_size(config: BatchSizeConfig, budget: int | None = None) -> int:
    """The batch size with the lowest expected loss, of all whole numbers up to a quarter of the budget."""
    budget = config.budget if budget is None else budget
    sizes = np.arange(1, max(1, min(LARGEST, budget // 4)) + 1)
    return int(sizes[np.argmin(expected_losses(config, sizes, budget))])


def noise_scale(config: BatchSizeConfig) -> float:
    """tr Σ/|G|² at the start: the simple noise scale of McCandlish et al., arXiv:1812.06162, eq. 2.9."""
    h = CURVATURES
    return float(config.noise**2 * h.sum() / (h**2).sum() / config.start**2)
