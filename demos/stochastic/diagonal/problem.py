"""Sparse regression by a diagonal linear network, β = w² − v² with w = v = α at the start.

The loss is E(β) = ½ mean (Xβ − y)², its gradient in β is g, and a step of descent multiplies: w' = (1 − 2 lr g) w,
v' = (1 + 2 lr g) v. Every step therefore multiplies w·v by 1 − (2 lr g)², for any g, and gradient flow conserves it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from demos.common.random_streams import generator
from demos.stochastic.bench.batches import Draw
from demos.stochastic.diagonal.config import EXAMPLES, WEIGHTS, DiagonalConfig

SIZE = 0.5  # absolute value of the non-zero coefficients


@dataclass(frozen=True)
class Data:
    """X (n, d) of standard normal numbers, β* (d,) sparse, y = Xβ* without noise: the same for all seeds."""

    x: np.ndarray
    truth: np.ndarray
    y: np.ndarray

    def test_error(self, weights: np.ndarray) -> np.ndarray:
        """E (x·β − x·β*)² over fresh x: |β − β*|², of weights (..., 2d)."""
        with np.errstate(over="ignore", invalid="ignore"):
            return np.square(coefficients(weights) - self.truth).sum(-1)


@lru_cache(maxsize=4)
def data_of(spikes: int) -> Data:
    """The data set with this many coefficients of ±SIZE."""
    x = generator(0, "examples of the diagonal network").standard_normal((EXAMPLES, WEIGHTS))
    truth = np.zeros(WEIGHTS)
    truth[:spikes] = SIZE * (-1.0) ** np.arange(spikes)
    # the non-zero coefficients are spread out for the picture; descent does not depend on their order
    places = (WEIGHTS * (np.arange(spikes) + 0.5) / spikes).astype(int)
    order = np.insert(np.arange(spikes, WEIGHTS), places - np.arange(spikes), np.arange(spikes))
    return Data(x[:, order], truth[order], x @ truth)


def coefficients(weights: np.ndarray) -> np.ndarray:
    """β = w² − v² of weights (..., 2d)."""
    w, v = np.split(weights, 2, axis=-1)
    with np.errstate(over="ignore", invalid="ignore"):  # numbers of a diverged chain overflow
        return w * w - v * v


def log_alpha(weights: np.ndarray, alpha: float) -> np.ndarray:
    """(..., d) log |w v/α²|, twice the logarithm of (effective α)/α."""
    w, v = np.split(weights, 2, axis=-1)
    with np.errstate(divide="ignore"):
        return np.log(np.abs(w / alpha)) + np.log(np.abs(v / alpha))


def log_ratio(weights: np.ndarray) -> np.ndarray:
    """(..., d) log |w/v|, 0 at the start; together with w·v it determines β."""
    w, v = np.split(weights, 2, axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(np.abs(w)) - np.log(np.abs(v))


def batches(config: DiagonalConfig) -> Draw:
    """Examples with replacement and their label noise: (steps, 2, n, chains).

    First the number of times that each example is in the batch, over B; then the sum of its label noise, over B.
    """
    shape = (EXAMPLES, config.chains)

    def draw(random: np.random.Generator, steps: int) -> np.ndarray:
        chosen = random.integers(0, EXAMPLES, (config.batch, steps, config.chains), dtype=np.int32)
        places = (np.arange(steps)[:, None] * EXAMPLES + chosen) * config.chains + np.arange(config.chains)
        noise = config.label_noise * random.standard_normal(places.size)
        out = np.empty((steps, 2, *shape))
        for part, weights in ((0, None), (1, noise)):
            sums = np.bincount(places.ravel(), weights, minlength=steps * EXAMPLES * config.chains)
            out[:, part] = sums.reshape(steps, *shape)
        out /= config.batch
        return out

    return draw
