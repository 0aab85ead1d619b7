"""The exact distribution of SGD on a quadratic loss, step by step, and that of its diffusion limit.

The loss of example a is ½ (x − a)ᵀ H (x − a), H = diag(h): the batch gradient is H (x − mean of the batch), so that
every direction is a linear filter of its batch means,
    x_{k+1} = x_k − lr h (x_k − m_k) + β (x_k − x_{k−1}),
and its distribution at every step is known: the decay of the start, plus a sum of batch means with known weights.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_discrete_lyapunov

from demos.common.random_streams import generator
from demos.stochastic.bench import shuffling
from demos.stochastic.cloud.config import CloudConfig

CURVATURES = (1.0, 0.25)  # along x, the steep direction, and along y
START = (1.5, 1.5)


@dataclass(frozen=True)
class Moments:
    """Mean, variance and fourth cumulant of one direction after some steps."""

    mean: float
    variance: float
    fourth: float


def examples_of(config: CloudConfig) -> np.ndarray:
    """(N, 2) float64: mean 0, uncorrelated, variances σ²/h, so that one example's gradient has the covariance σ² H.

    This is the gradient noise of least squares at its minimum. They are normal numbers, linearly transformed to have
    exactly these moments.
    """
    raw = generator(0, "examples of the cloud").standard_normal((config.examples, 2))
    raw -= raw.mean(0)
    values, vectors = np.linalg.eigh(raw.T @ raw / len(raw))
    white = raw @ vectors / np.sqrt(values)
    return config.noise * white / np.sqrt(CURVATURES)


class Law:
    """The exact distribution of both directions for a config."""

    def __init__(self, config: CloudConfig):
        self.config, self.examples = config, examples_of(config)
        lr, beta, steps = config.lr, config.momentum, config.steps
        self._weights, self._decay = [], []
        for h in CURVATURES:
            response, decay = np.empty(steps), np.empty(steps + 1)
            last, now = 0.0, lr * h
            before, at = 1.0, 1.0
            for k in range(steps):
                response[k], decay[k] = now, at
                last, now = now, (1 - lr * h + beta) * now - beta * last
                before, at = at, (1 - lr * h + beta) * at - beta * before
            decay[steps] = at
            self._weights.append(response)
            self._decay.append(decay)

    def mean(self, axis: int, step: int) -> float:
        """E x at this step."""
        return START[axis] * float(self._decay[axis][step])

    def moments(self, axis: int, step: int) -> Moments:
        """The moments of direction `axis` after `step` steps, exact for this data set and this way of sampling."""
        with np.errstate(over="ignore", invalid="ignore"):  # past the stability limit there is no end to it
            return self._moments(axis, step)

    def _moments(self, axis: int, step: int) -> Moments:
        config, u = self.config, self.examples[:, axis]
        weights = self._weights[axis][:step][::-1]  # of the batches, in the order of steps
        if config.sampling == "replacement":
            variance, fourth = shuffling.with_replacement(weights, u, config.batch)
        else:
            size = config.batches_an_epoch if config.sampling == "epochs" else 1
            padded = np.concatenate((weights, np.zeros(-step % size))).reshape(-1, size)
            variance, fourth = shuffling.epochs(padded, u, config.batch) if step else (0.0, 0.0)
        return Moments(self.mean(axis, step), variance, fourth)

    def limit(self, axis: int, step: int) -> float:
        """The variance of the diffusion limit (Mandt, Hoffman & Blei, JMLR 18 (2017) 134, eq. 13) after `step` steps:

        dx = −h x dt + √(lr C/B) dW. With momentum it is the stationary variance, for the rate lr/(1 − β). Batches
        without replacement have C (N − B)/(N − 1) instead of C.
        """
        config, h = self.config, CURVATURES[axis]
        rate = config.lr / (1 - config.momentum)
        noise = config.noise**2 * h / config.batch
        if config.sampling == "without":
            noise *= (config.examples - config.batch) / (config.examples - 1)
        settled = 1.0 if config.momentum else -math.expm1(-2 * h * config.lr * step)
        return rate * noise / (2 * h) * settled

    def stationary(self, axis: int) -> float:
        """The stationary variance with independent batches by the discrete Lyapunov equation S = A S Aᵀ + Q; inf above
        the stability limit."""
        config, h = self.config, CURVATURES[axis]
        a = np.array([[1 - config.lr * h + config.momentum, -config.momentum], [1.0, 0.0]])
        if np.abs(np.linalg.eigvals(a)).max() >= 1:
            return math.inf
        noise = config.noise**2 * h / config.batch
        if config.sampling == "without":
            noise *= (config.examples - config.batch) / (config.examples - 1)
        return float(solve_discrete_lyapunov(a, np.diag([config.lr**2 * noise, 0.0]))[0, 0])

    def growth(self, axis: int) -> float:
        """The asymptotic factor by which distances change in a step: the spectral radius of the step."""
        config, h = self.config, CURVATURES[axis]
        a = np.array([[1 - config.lr * h + config.momentum, -config.momentum], [1.0, 0.0]])
        return float(np.abs(np.linalg.eigvals(a)).max())
