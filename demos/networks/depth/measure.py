"""Measurements of random networks: z_l of all layers, and the gradient of a random function of the last one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from demos.common.progress import Progress, checkpoint
from demos.common.random_streams import torch_generator
from demos.networks.depth.config import DepthConfig

EPSILON = 1e-30  # ε of the normalizations, far below any variance that occurs

PHI: dict[str, Callable[[Tensor], Tensor]] = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": functional.leaky_relu,
    "gelu": functional.gelu,
    "silu": functional.silu,
    "linear": lambda z: z,
}


@dataclass(frozen=True)
class Measured:
    """Measurements of K networks with L layers, (K, L). gradient: log10 of |∂ℒ/∂z_l|; forward: log10 of the root mean
    square of z_l."""

    gradient: np.ndarray
    forward: np.ndarray


def weights(init: str, fan_in: int, fan_out: int, gain: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Random weights (fan_in, fan_out) and biases (fan_out,), float64."""

    def normal(variance: float) -> Tensor:
        return torch.randn(fan_in, fan_out, generator=generator, dtype=torch.float64) * (gain * sqrt(variance))

    zeros = torch.zeros(fan_out, dtype=torch.float64)
    match init:
        case "default":
            bound = 1 / sqrt(fan_in)
            both = torch.rand(fan_in + 1, fan_out, generator=generator, dtype=torch.float64) * (2 * bound) - bound
            return both[:-1], both[-1]
        case "xavier":
            return normal(2 / (fan_in + fan_out)), zeros
        case "he":
            return normal(2 / fan_in), zeros
    matrix, triangle = torch.linalg.qr(normal(1.0))  # times the signs of the diagonal, it is Haar-distributed
    return gain * matrix * triangle.diagonal().sign(), zeros


def normalized(z: Tensor, kind: str) -> Tensor:
    """Batch norm over the batch, layer and RMS norm over the units."""
    match kind:
        case "batch":
            z = z - z.mean(0)
            return z / (z.square().mean(0) + EPSILON).sqrt()
        case "layer":
            z = z - z.mean(1, keepdim=True)
            return z / (z.square().mean(1, keepdim=True) + EPSILON).sqrt()
        case "rms":
            return z / (z.square().mean(1, keepdim=True) + EPSILON).sqrt()
    return z


def network(config: DepthConfig, index: int) -> tuple[np.ndarray, np.ndarray]:
    """Gradient and forward profile (L,) of one random network.

    z_1 = W_1 x + b_1, z_{l+1} = W f(z_l) + b with f = φ(norm(·)), with a skip z_l + (…)/√L; the loss is the sum of
    f(z_L) times standard normal numbers, one for each unit and input.
    """
    generator = torch_generator(config.seed, f"network {index}")
    n, phi = config.width, PHI[config.activation]
    x = torch.randn(config.batch, n, generator=generator, dtype=torch.float64)
    weigh = torch.randn(config.batch, n, generator=generator, dtype=torch.float64)
    scale = {"none": 0.0, "one": 1.0, "root": 1 / sqrt(config.depth)}[config.skip]
    kept: list[Tensor] = []
    with torch.enable_grad():
        h = x
        for layer in range(config.depth):
            checkpoint()
            matrix, bias = weights(config.init, n, n, config.gain, generator)
            branch = torch.addmm(bias, phi(normalized(h, config.normalization)) if layer else h, matrix)
            h = h + scale * branch if layer and scale else branch
            h.requires_grad_() if layer == 0 else None
            kept.append(h)
        loss = (phi(normalized(h, config.normalization)) * weigh).sum()
        found = torch.autograd.grad(loss, kept)
    with np.errstate(divide="ignore"):
        gradient = np.log10([_norm(g) for g in found])
        forward = np.log10([_norm(z.detach()) / sqrt(z.numel()) for z in kept])
    return gradient, forward


def _norm(tensor: Tensor) -> float:
    """The norm, scaled first because squares of gradients below 1e-154 would be 0."""
    largest = float(tensor.abs().max())
    return largest * float((tensor / largest).norm()) if largest > 0 else 0.0


def measure(config: DepthConfig, progress: Progress | None = None) -> Measured:
    """All networks of a config."""
    rows = []
    for index in range(config.networks):
        rows.append(network(config, index))
        if progress is not None:
            progress((index + 1) / config.networks)
    gradient, forward = (np.array(part) for part in zip(*rows, strict=True))
    return Measured(gradient, forward)
