"""The examples, and the descent on all draws of their noise at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from demos.common.progress import Progress
from demos.common.random_streams import generator
from demos.descent.early_stopping.config import EarlyStoppingConfig
from demos.gradient_flow import GradientFlow, solve

FRAMES = 100


@dataclass(frozen=True)
class Problem:
    """features (n, d) with the scales (d,) of their columns; truth (d,): the true weights; targets (R, n): one row for
    each draw of the noise. New examples have the same scales, and no noise."""

    features: np.ndarray
    scales: np.ndarray
    truth: np.ndarray
    targets: np.ndarray

    @classmethod
    def of(cls, config: EarlyStoppingConfig) -> Problem:
        n, d = config.examples, config.features
        scales = np.arange(1, d + 1) ** -config.decay
        features = generator(config.seed, "features").standard_normal((n, d)) * scales
        truth = generator(config.seed, "truth").standard_normal(d)
        noise = generator(config.seed, "noise").standard_normal((config.draws, n))
        return cls(features, scales, truth, features @ truth + config.noise * noise)

    @property
    def curvature(self) -> np.ndarray:
        """(d, d): the Hessian of the training loss."""
        return self.features.T @ self.features / len(self.features)

    def training_losses(self, weights: np.ndarray) -> np.ndarray:
        """Half the mean square error on the examples: weights (..., R, d) -> (..., R)."""
        return 0.5 * np.square(weights @ self.features.T - self.targets).mean(-1)

    def risks(self, weights: np.ndarray) -> np.ndarray:
        """Half the mean square error on new examples: weights (..., d) -> (...)."""
        return 0.5 * np.square((weights - self.truth) * self.scales).sum(-1)

    def ridge(self, penalties: np.ndarray) -> np.ndarray:
        """(K, R, d): for each penalty λ and each draw, the minimizer of training loss + ½ λ |w|², by elimination."""
        right = self.features.T @ self.targets.T / len(self.features)
        one = np.eye(len(self.truth))
        return np.array([np.linalg.solve(self.curvature + penalty * one, right).T for penalty in penalties])


def recorded_steps(config: EarlyStoppingConfig) -> np.ndarray:
    """(F,) the steps that are drawn: whole numbers in about equal ratios, from 1 to the last."""
    return np.unique(np.geomspace(1, config.steps, FRAMES).round().astype(int))


def descend(problem: Problem, lr: float, steps: np.ndarray, progress: Progress | None = None) -> np.ndarray:
    """Weights (F, R, d) of gradient descent from 0 after these steps (F,), one descent for each draw of the noise."""
    curvature = torch.from_numpy(problem.curvature)
    pull = torch.from_numpy(problem.targets @ problem.features / len(problem.features))
    features, targets = torch.from_numpy(problem.features), torch.from_numpy(problem.targets)
    flow = GradientFlow(
        lambda w: 0.5 * (w @ features.T - targets).square().mean(1),
        lambda w: w @ curvature - pull,
    )
    times = torch.arange(int(steps[-1]) + 1, dtype=torch.float64) * lr
    path = solve(flow, torch.zeros_like(pull), times, "euler", record=times[[0, *steps]], progress=progress)
    return path.states[1:].numpy()
