"""A ReLU network x (2) → n → n → 1, its loss with single units scaled, and its training by gradient descent.

Every hidden unit has a multiplier m of its output, 1 in the network itself and 0 where the unit is removed. Since
max(0, m z) = m max(0, z), ∂L/∂m at 1 is Σ θ ∂L/∂θ over the weights that lead into the unit: Taylor's importance of it
(Molchanov et al. 2017, arXiv:1611.06440), and of those that lead out as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import Progress
from demos.common.random_streams import generator
from demos.gradient_flow import GradientFlow, Trajectory, solve
from demos.networks.sensitivity.config import SensitivityConfig

FRAMES = 30


@dataclass(frozen=True)
class Network:
    """The network of a config and its data: weights are vectors (N, P), one row per network."""

    config: SensitivityConfig

    @cached_property
    def x(self) -> Tensor:
        """(E, 2), standard normal."""
        random = generator(self.config.seed, "examples")
        return torch.from_numpy(random.standard_normal((self.config.examples, 2)))

    @cached_property
    def y(self) -> Tensor:
        """(E,) the target: sin(2 x₁) + x₂²/2 − ½."""
        return (2 * self.x[:, 0]).sin() + self.x[:, 1] ** 2 / 2 - 0.5

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        n = self.config.width
        return (n, 2), (n,), (n, n), (n,), (1, n), (1,)

    def start(self) -> Tensor:
        """(1, P): He's weights, no biases."""
        random, parts = generator(self.config.seed, "weights"), []
        for shape in self.shapes:
            scale = np.sqrt(2 / shape[1]) if len(shape) == 2 else 0.0
            parts.append(scale * random.standard_normal(shape).ravel())
        return torch.from_numpy(np.concatenate(parts))[None]

    def split(self, weights: Tensor) -> list[Tensor]:
        """Of (N, P): each matrix (N, out, in), each bias (N, out)."""
        sizes = [int(np.prod(shape)) for shape in self.shapes]
        parts = weights.split(sizes, 1)
        return [part.reshape(-1, *shape) for part, shape in zip(parts, self.shapes, strict=True)]

    def output(self, weights: Tensor, x: Tensor, multipliers: Tensor | None = None) -> Tensor:
        """(N, E) at x (E, 2) or (N, E, 2); multipliers (N, 2, n) of both hidden layers."""
        W1, b1, W2, b2, W3, b3 = self.split(weights)
        h = torch.relu(x @ W1.mT + b1[:, None])
        h = h if multipliers is None else h * multipliers[:, 0, None]
        h = torch.relu(h @ W2.mT + b2[:, None])
        h = h if multipliers is None else h * multipliers[:, 1, None]
        return (h @ W3.mT)[..., 0] + b3

    def loss(self, weights: Tensor, multipliers: Tensor | None = None) -> Tensor:
        """(N,) half the mean square error."""
        return 0.5 * (self.output(weights, self.x, multipliers) - self.y).square().mean(1)

    def train(self, progress: Progress | None = None) -> Trajectory:
        flow = GradientFlow(lambda weights: self.loss(weights))
        times = self.config.lr * torch.arange(max(1, self.config.steps) + 1, dtype=torch.float64)
        return solve(flow, self.start(), times, record=min(FRAMES, max(1, self.config.steps) + 1), progress=progress)
