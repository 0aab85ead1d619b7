"""The network that trains: linear layers with a normalization and an activation between them, and skips."""

from __future__ import annotations

from math import sqrt

import torch
from torch import Tensor, nn

from demos.common.random_streams import torch_generator
from demos.networks.training.config import TrainingConfig
from demos.nn.bare import blank

PHI = {
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "linear": nn.Identity,
}
Linear = blank(nn.Linear)
NORMS = {"none": nn.Identity, "batch": nn.BatchNorm1d, "layer": nn.LayerNorm, "rms": nn.RMSNorm}


class Residual(nn.Module):
    """h + scale·f(h)."""

    def __init__(self, inner: nn.Module, scale: float) -> None:
        super().__init__()
        self.inner, self.scale = inner, scale

    def forward(self, h: Tensor) -> Tensor:
        return h + self.scale * self.inner(h)


def build(config: TrainingConfig) -> nn.Sequential:
    """z₁ = W₁x + b₁, then W φ(norm(z)) + b, L linear layers in all; with skips z + scale·(W φ(norm(z)) + b)."""
    fans = [2 if config.classes else 1, *[config.width] * (config.depth - 1), 2 if config.classes else 1]
    linears = [Linear(one, other) for one, other in zip(fans, fans[1:], strict=False)]
    draw_all(linears, config)
    between = [_between(config) for _ in linears[1:]]
    scale = {"none": 0.0, "one": 1.0, "root": 1 / sqrt(config.depth - 1)}[config.skip]
    parts: list[nn.Module] = [linears[0]]
    for inside, linear in zip(between, linears[1:], strict=True):
        if scale and linear is not linears[-1]:
            parts.append(Residual(nn.Sequential(*inside, linear), scale))
        else:
            parts += [*inside, linear]
    return nn.Sequential(*parts)


def _between(config: TrainingConfig) -> list[nn.Module]:
    norm = [] if config.normalization == "none" else [NORMS[config.normalization](config.width)]
    return [*norm, PHI[config.activation]()]


@torch.no_grad()
def draw_all(linears: list[nn.Linear], config: TrainingConfig) -> None:
    """The initial weights of this seed, for the linear layers of a network in their order."""
    generator = torch_generator(config.seed, "weights")
    for linear in linears:
        draw(linear, config, generator)
        if linear is not linears[-1]:
            linear.bias += config.bias


@torch.no_grad()
def draw(linear: nn.Linear, config: TrainingConfig, generator: torch.Generator) -> None:
    """Set the initial weights from `generator`. torch's default is uniform over ±1/√fan_in, biases too."""
    fan_out, fan_in = linear.weight.shape
    if config.init == "default":
        for tensor in (linear.weight, linear.bias):
            tensor.copy_((2 * torch.rand(tensor.shape, generator=generator) - 1) / sqrt(fan_in))
        return
    nn.init.zeros_(linear.bias)
    normal = torch.randn(linear.weight.shape, generator=generator)
    match config.init:
        case "xavier":
            linear.weight.copy_(config.gain * sqrt(2 / (fan_in + fan_out)) * normal)
        case "he":
            linear.weight.copy_(config.gain * sqrt(2 / fan_in) * normal)
        case "orthogonal":
            tall = normal if fan_out >= fan_in else normal.T
            matrix, triangle = torch.linalg.qr(tall)
            matrix = matrix * triangle.diagonal().sign()
            linear.weight.copy_(config.gain * (matrix if fan_out >= fan_in else matrix.T))
