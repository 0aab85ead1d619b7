"""A ReLU network at a minimum of its loss, and its copies of the same function.

f(x) = Σ_j v_j max(0, w_j x + b_j). The labels are the network's own outputs, so that its weights are a minimum, of loss
0, and the Hessian there is JᵀJ/N with J the derivatives of the outputs by the weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from demos.common.random_streams import generator
from demos.stochastic.rescaling.config import RescalingConfig

REACH = 2.0  # examples lie within ±REACH


def outputs(weights: Tensor, x: Tensor) -> Tensor:
    """(n, N): of networks (n, 3H) at points (N,); the weights are w, b, v."""
    w, b, v = weights.chunk(3, dim=1)
    return torch.einsum("nh,nhk->nk", v, torch.relu(w[..., None] * x + b[..., None]))


def rescaled(weights: Tensor, factor: float) -> Tensor:
    """The first layer (w, b) times the factor, the second (v) divided by it: (n, 3H)."""
    w, b, v = weights.chunk(3, dim=1)
    return torch.cat((factor * w, factor * b, v / factor), 1)


@dataclass(frozen=True)
class Network:
    """The network of a config, at its minimum with factor 1."""

    config: RescalingConfig

    @cached_property
    def x(self) -> Tensor:
        """(N,) the examples."""
        random = generator(self.config.seed, "examples of the network")
        return torch.from_numpy(np.sort(random.uniform(-REACH, REACH, self.config.examples)))

    @cached_property
    def weights(self) -> Tensor:
        """(1, 3H)"""
        random = generator(self.config.seed, "weights of the network")
        hidden = self.config.hidden
        w, v = random.standard_normal((2, hidden))
        b = random.uniform(-1.5, 1.5, hidden) * np.abs(w)
        return torch.from_numpy(np.concatenate((w, b, v / hidden**0.5)))[None]

    @cached_property
    def labels(self) -> Tensor:
        return outputs(self.weights, self.x)[0]

    def loss(self, weights: Tensor) -> Tensor:
        """(n,) half the mean square error."""
        return 0.5 * (outputs(weights, self.x) - self.labels).square().mean(1)

    def gradient(self, weights: Tensor) -> Tensor:
        """(n, 3H), written out."""
        w, b, v = weights.chunk(3, dim=1)
        before = w[..., None] * self.x + b[..., None]
        active = (before > 0).to(weights.dtype)
        errors = (torch.einsum("nh,nhk->nk", v, before * active) - self.labels) / len(self.x)
        back = active * errors[:, None] * v[..., None]
        return torch.cat(((back * self.x).sum(2), back.sum(2), torch.einsum("nhk,nk->nh", before * active, errors)), 1)

    @cached_property
    def hessian(self) -> np.ndarray:
        """(3H, 3H) at the minimum with factor 1: JᵀJ/N."""
        w, b, v = (part[0].numpy() for part in self.weights.chunk(3, dim=1))
        x = self.x.numpy()
        before = np.outer(x, w) + b
        active = before > 0
        jacobian = np.concatenate((active * v * x[:, None], active * v, before * active), 1)
        return jacobian.T @ jacobian / len(x)

    def scales(self, factor: float) -> np.ndarray:
        """(3H,) the factor of each weight."""
        hidden = self.config.hidden
        return np.concatenate((np.full(2 * hidden, factor), np.full(hidden, 1 / factor)))

    def rescaled_hessian(self, factor: float) -> np.ndarray:
        """D⁻¹ H D⁻¹: the loss is the same function of D⁻¹θ (Dinh, Pascanu, Bengio & Bengio, ICML 2017, theorem 4)."""
        scales = self.scales(factor)
        return self.hessian / np.outer(scales, scales)

    def sharpest(self, factor: float) -> tuple[float, np.ndarray]:
        """The largest curvature at the rescaled minimum, and its direction (3H,)."""
        values, vectors = np.linalg.eigh(self.rescaled_hessian(factor))
        return float(values[-1]), vectors[:, -1]

    def measured_hessian(self, factor: float) -> np.ndarray:
        """(3H, 3H) by autograd at the rescaled weights, independent of the formulas above."""
        at = rescaled(self.weights, factor)[0]
        given = torch.autograd.functional.hessian(lambda weights: self.loss(weights[None])[0], at)
        return given.numpy()  # type: ignore[union-attr]
