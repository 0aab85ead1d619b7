"""Independent computations from the recorded weights, for checks: none uses `network` or `train`.

u″ comes from Cauchy's integral over a small circle in the complex plane, gradients from differences along the recorded
direction, the error from Green's function, and steps from autograd and torch's own Adam.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.polynomial import chebyshev

from demos.networks.pinn.config import PinnConfig
from demos.nn.bare import bare

CIRCLE = 12  # points of the upper half of the circle; the lower half is its mirror image
NODES = 320  # terms of the Chebyshev series of the residual
MOVE = 1e-4  # relative displacement of the weights in finite differences


def parts(config: PinnConfig, weights) -> list:
    """w₁, b₁, W₂, b₂, w₃, b₃ of one network, numpy or torch."""
    n = config.width
    ends = [0, n, 2 * n, 2 * n + n * n, 3 * n + n * n, 4 * n + n * n]
    w1, b1, W2, b2, w3 = (weights[low:high] for low, high in zip(ends, ends[1:], strict=False))
    return [w1, b1, W2.reshape(n, n), b2, w3, weights[-1]]


def value(config: PinnConfig, weights: np.ndarray, x: np.ndarray) -> np.ndarray:
    """u at x, real or complex, of any shape."""
    w1, b1, W2, b2, w3, b3 = parts(config, weights)
    return np.tanh(np.tanh(x[..., None] * w1 + b1) @ W2.T + b2) @ w3 + b3


def radius(config: PinnConfig, weights: np.ndarray) -> float:
    """The radius of a circle on which the argument of every tanh stays well away from its poles, at ± iπ/2."""
    w1, _, W2, *_ = parts(config, weights)
    return 0.4 / max(1.0, float(np.abs(w1).max()), float((np.abs(W2) @ np.abs(w1)).max()))


def residual(config: PinnConfig, weights: np.ndarray, x: np.ndarray) -> np.ndarray:
    """u″ + f at x: u″ = 2/(Mρ²) Σ u(x + ρ e^{iφ}) e^{−2iφ}."""
    turn = np.exp(1j * (np.arange(CIRCLE) + 0.5) * np.pi / CIRCLE)
    rho, k = radius(config, weights), config.frequency * np.pi
    around = value(config, weights, x[:, None] + rho * turn)
    return 2 / rho**2 * np.real(around * turn**-2).mean(1) + k**2 * np.sin(k * x)


def rounding(config: PinnConfig, weights: np.ndarray) -> float:
    """The rounding error of `residual`."""
    return 1e-15 * (1 + float(np.abs(parts(config, weights)[4]).sum())) * 2 / radius(config, weights) ** 2 + 1e-10


def middles(count: int) -> np.ndarray:
    return -1 + (2 * np.arange(count) + 1) / count


def slope(config: PinnConfig, weights: np.ndarray, along: np.ndarray, inside: int) -> float:
    """The derivative of L_r (inside: its number of points) or of L_b (0) in a direction: 2 mean(r ∂r)."""

    def misfit(at: np.ndarray) -> np.ndarray:
        if inside:
            return residual(config, at, middles(inside))
        return value(config, at, np.array([-1.0, 1.0]))

    change = (misfit(weights + MOVE * along) - misfit(weights - MOVE * along)) / (2 * MOVE)
    return 2 * float((misfit(weights) * change).mean())


@dataclass(frozen=True)
class Error:
    """u − sin kπx at places (n,), as a sum of two parts: by_boundary, the straight line through its values at the ends,
    and by_residual; unresolved: the error of the latter; bound: the bound of the maximum principle."""

    by_boundary: np.ndarray
    by_residual: np.ndarray
    unresolved: float
    bound: float


def error(config: PinnConfig, weights: np.ndarray, places: np.ndarray) -> Error:
    """The error of u, which solves e″ = r: a straight line with its values at the ends, plus the twice integrated
    residual that is 0 at both ends."""
    nodes = np.cos((np.arange(NODES) + 0.5) * np.pi / NODES)
    r = residual(config, weights, nodes)
    series = chebyshev.chebfit(nodes, r, NODES - 1)
    twice = chebyshev.chebint(series, 2)
    left, right = chebyshev.chebval(np.array([-1.0, 1.0]), twice)
    inner = chebyshev.chebval(places, twice) - (left + right) / 2 - (right - left) / 2 * places
    ends = value(config, weights, np.array([-1.0, 1.0]))
    line = ends.mean() + (ends[1] - ends[0]) / 2 * places
    tail = 0.1 * float(np.abs(series[-NODES // 8 :]).sum()) + rounding(config, weights)
    return Error(line, inner, tail, float(np.abs(ends).max() + np.abs(r).max() / 2))


def steps(config: PinnConfig, before, count: int, index: int) -> np.ndarray:
    """The weights of network `index` after `count` steps from a `Memory`, by autograd and torch.optim.Adam."""
    with torch.enable_grad():
        weights = torch.tensor(before.weights[index], requires_grad=True)
        adam = bare(torch.optim.Adam)([weights], lr=config.lr)
        adam.state[weights] = {
            "step": torch.tensor(float(before.step)),
            "exp_avg": torch.tensor(before.mean[index]),
            "exp_avg_sq": torch.tensor(before.square[index]),
        }
        weight = float(before.weight[index])
        for step in range(before.step, before.step + count):
            inside, ends = losses(config, weights)
            (by_inside,) = torch.autograd.grad(inside, weights)
            (by_ends,) = torch.autograd.grad(ends, weights)
            if index == 1 and step % 10 == 0:
                weight = 0.9 * weight + 0.1 * aim(config, by_inside, by_ends, weight)
            weights.grad = by_inside + weight * by_ends
            adam.step()
    return weights.detach().numpy()


def losses(config: PinnConfig, weights: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """L_r and L_b with torch's derivatives by x."""
    w1, b1, W2, b2, w3, b3 = parts(config, weights)

    def u(x: torch.Tensor) -> torch.Tensor:
        return torch.tanh(torch.tanh(x[:, None] * w1 + b1) @ W2.T + b2) @ w3 + b3

    x = torch.from_numpy(middles(64)).requires_grad_()
    (first,) = torch.autograd.grad(u(x).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x, create_graph=True)
    k = config.frequency * torch.pi
    ends = u(torch.tensor([-1.0, 1.0], dtype=torch.float64))
    return (second + k**2 * torch.sin(k * x)).square().mean(), ends.square().mean()


def aim(config: PinnConfig, by_inside: torch.Tensor, by_ends: torch.Tensor, weight: float) -> float:
    """The target λ̂ of the balancing rule."""
    if config.rule == "norms":
        return float(by_inside.norm() / by_ends.norm())
    counted = weight if config.rule == "weighted" else 1.0
    return float(by_inside.abs().max() / (counted * by_ends).abs().mean())
