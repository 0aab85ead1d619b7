"""The noise scale of a small network during training: from the gradients of all examples, and from two batch sizes."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from torch.func import grad, vmap

from demos.common.progress import Progress
from demos.common.random_streams import generator
from demos.contract import Chart, Study
from demos.stochastic.batch_size.config import BatchSizeConfig

EXAMPLES, HIDDEN = 512, 24
SMALL, BIG, PAIRS = 16, 256, 400
MEASURED = (0, 2, 5, 10, 20, 40, 80, 150)  # steps of full gradient descent at which it is measured
RATE = 0.1


def data(seed: int) -> tuple[Tensor, Tensor]:
    """(N, 2) points, and labels sin(2x)·cos(y) with noise of 0.1."""
    random = generator(seed, "data of the small network")
    x = random.uniform(-2, 2, (EXAMPLES, 2))
    y = np.sin(2 * x[:, 0]) * np.cos(x[:, 1]) + 0.1 * random.standard_normal(EXAMPLES)
    return torch.from_numpy(x).float(), torch.from_numpy(y).float()


def network_loss(weights: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """½ (f(x) − y)² of one example for a perceptron 2 → HIDDEN → 1 with tanh, all weights as one vector."""
    w, b, v = weights[: 2 * HIDDEN].reshape(HIDDEN, 2), weights[2 * HIDDEN : 3 * HIDDEN], weights[3 * HIDDEN :]
    return 0.5 * (v @ torch.tanh(w @ x + b) - y) ** 2


def estimate(gradients: Tensor, seed: int) -> tuple[float, float]:
    """tr Σ/|G|² and its standard error from PAIRS pairs of batches, of SMALL and BIG examples with replacement.

    McCandlish et al., arXiv:1812.06162, appendix A.1: |G|² and tr Σ are estimated without bias, and their means are
    divided; the error is that of a ratio of means. gradients (N, p) of all examples.
    """
    random = generator(seed, "pairs of batches")
    squares = []
    for size in (SMALL, BIG):
        counts = random.multinomial(size, np.full(len(gradients), 1 / len(gradients)), PAIRS)  # (PAIRS, N)
        means = torch.from_numpy(counts / size).to(gradients) @ gradients
        squares.append(means.square().sum(1).double().numpy())
    signal = (BIG * squares[1] - SMALL * squares[0]) / (BIG - SMALL)
    spread = (squares[0] - squares[1]) / (1 / SMALL - 1 / BIG)
    ratio = float(spread.mean() / signal.mean())
    error = float((spread - ratio * signal).std(ddof=1) / math.sqrt(PAIRS) / abs(signal.mean()))
    return ratio, error


def noise_scale(config: BatchSizeConfig, progress: Progress | None = None) -> pd.DataFrame:
    """Columns series, step, scale, error."""
    x, y = data(config.seed)
    random = generator(config.seed, "weights of the small network")
    weights = torch.from_numpy(random.standard_normal(4 * HIDDEN)).float()
    weights[3 * HIDDEN :] /= math.sqrt(HIDDEN)
    of_examples = vmap(grad(network_loss), (None, 0, 0))
    rows = []
    for step in range(MEASURED[-1] + 1):
        gradients = of_examples(weights, x, y)
        mean = gradients.mean(0)
        if step in MEASURED:
            spread = float((gradients - mean).square().sum(1).mean())
            shown = max(step, 1)  # the axis is logarithmic
            exact = spread / float(mean.square().sum())
            measured, error = estimate(gradients, config.seed + step)
            rows.append({"series": "exact: all examples", "step": shown, "scale": exact, "error": 0.0})
            rows.append({"series": "from batches of 16 and 256", "step": shown, "scale": measured, "error": error})
            if progress is not None:
                progress(step / MEASURED[-1])
        weights = weights - RATE * mean
    return pd.DataFrame(rows)


NOISE_SCALE = Study(
    "noise_scale",
    "Noise scale of a network",
    f"A perceptron with {HIDDEN} hidden units learns {EXAMPLES} noisy examples; tr Σ/|G|² from all their gradients, "
    f"and from {PAIRS} pairs of batches. It is the batch size at which signal and noise are equal.",
    noise_scale,
    (
        Chart(
            "",
            "Suggested batch size while it learns",
            "step",
            "scale",
            "step of gradient descent (first at 1)",
            "tr Σ/|G|²",
            "It grows as the gradient falls: early steps want small batches, late ones large ones.",
            kind="points",
            log_x=True,
            log_y=True,
            error="error",
        ),
    ),
    depends_on=("seed",),
)
