"""The importance of a unit: predicted from derivatives, and measured by removing the unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import checkpoint
from demos.networks.sensitivity.network import Network


@dataclass(frozen=True)
class Importance:
    """The importance (2, n) of every unit of both hidden layers. removed: L without the unit minus L. first: −∂L/∂m,
    the first-order prediction. second: −∂L/∂m + ½ ∂²L/∂m², which is exact in the last hidden layer, where L is
    quadratic in m."""

    removed: np.ndarray
    first: np.ndarray
    second: np.ndarray


def importance(network: Network, weights: Tensor) -> Importance:
    """weights (1, P)."""
    n = network.config.width
    with torch.enable_grad():
        ones = torch.ones(1, 2, n, dtype=torch.float64, requires_grad=True)
        loss = network.loss(weights, ones).sum()
        (slope,) = torch.autograd.grad(loss, ones, create_graph=True)
        rows = [
            torch.autograd.grad(one, ones, retain_graph=True)[0].flatten()[i] for i, one in enumerate(slope.flatten())
        ]
    curvature = torch.stack(rows).reshape(2, n)
    slope = slope.detach()[0]
    without = 1 - torch.eye(2 * n, dtype=torch.float64).reshape(2 * n, 2, n)
    removed = network.loss(weights.expand(2 * n, -1), without) - network.loss(weights)
    return Importance(removed.reshape(2, n).numpy(), -slope.numpy(), (-slope + curvature / 2).numpy())


def along_the_way(network: Network, weights: Tensor, nodes: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """(2, n): −∫ ∂L/∂m dm from 0 to 1 by midpoints, the exact cost of removal computed from gradients; and a bound of
    the quadrature's error, half the variation of the slope (which jumps where a unit of the next layer turns on) times
    the spacing.
    """
    n, slopes = network.config.width, []
    units = torch.eye(2 * n, dtype=torch.float64).reshape(2 * n, 2, n)
    for node in range(nodes):
        checkpoint()
        at = (node + 0.5) / nodes
        with torch.enable_grad():
            multipliers = (1 - (1 - at) * units).requires_grad_()
            loss = network.loss(weights.expand(2 * n, -1), multipliers).sum()
            (slope,) = torch.autograd.grad(loss, multipliers)
        slopes.append((slope * units).sum((1, 2)))
    path = torch.stack(slopes)
    variation = path.diff(dim=0).abs().sum(0) * (nodes / (nodes - 1))
    return -path.mean(0).reshape(2, n).numpy(), (variation / (2 * nodes)).reshape(2, n).numpy()


def by_weights(network: Network, weights: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """(2, n) each: Σ θ ∂L/∂θ over the weights into each unit, and over those out of it."""
    with torch.enable_grad():
        weights = weights.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(network.loss(weights).sum(), weights)
        W1, b1, W2, b2, W3, _ = [part[0].detach() for part in network.split(weights * gradient)]
    into = torch.stack((W1.sum(1) + b1, W2.sum(1) + b2))
    out = torch.stack((W2.sum(0), W3.sum(0)))
    return into.numpy(), out.numpy()


def by_inputs(network: Network, weights: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """(E, 2) each: ∂f/∂x by autograd, and as the product of the matrices restricted to active units."""
    with torch.enable_grad():
        x = network.x.clone().requires_grad_()
        (found,) = torch.autograd.grad(network.output(weights, x).sum(), x)
    W1, b1, W2, b2, W3, _ = [part[0] for part in network.split(weights)]
    first = network.x @ W1.T + b1
    second = torch.relu(first) @ W2.T + b2
    back = (W3 * (second > 0)) @ W2 * (first > 0)
    return found.numpy(), (back @ W1).numpy()
