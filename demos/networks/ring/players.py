"""The two networks, and all the random numbers of a run, drawn in advance."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
import torch
from torch import Tensor, nn

from demos.common.random_streams import generator, torch_generator
from demos.networks.ring import law
from demos.networks.ring.config import RingConfig
from demos.nn.bare import blank

NOISE = 2  # numbers that the generator makes a point of
LEAK = 0.01  # slope of the discriminator's units below 0


@dataclass(frozen=True)
class Draws:
    """true (S, B, 2): points of the ring; for_d, for_g (S, B, 2): noise of the discriminator's and of the generator's
    turn; shown (N, 2): the noise of the points on the picture."""

    true: Tensor
    for_d: Tensor
    for_g: Tensor
    shown: Tensor


def draws(config: RingConfig, shown: int) -> Draws:
    """float32. B is the largest multiple of `pack` in the batch."""
    size = config.batch // config.pack * config.pack
    random = generator(config.seed, "ring")
    true = law.sample(config.sigma, config.steps * size, random).reshape(config.steps, size, 2)
    stream = torch_generator(config.seed, "noise")
    noise = torch.randn(2, config.steps, size, NOISE, generator=stream)
    fixed = torch.randn(shown, NOISE, generator=torch_generator(config.seed, "noise that is shown"))
    return Draws(torch.from_numpy(true.astype(np.float32)), *noise, fixed)


def players(config: RingConfig) -> nn.ModuleDict:
    """generator (2 → n → n → 2, ReLU) and discriminator (2·pack → n → n → 1, leaky ReLU), weights as torch's nn.Linear
    begins: uniform over ±1/√fan_in."""
    n, random = config.width, torch_generator(config.seed, "weights")
    return nn.ModuleDict(
        {
            "generator": _perceptron([NOISE, n, n, 2], nn.ReLU, random),
            "discriminator": _perceptron([2 * config.pack, n, n, 1], lambda: nn.LeakyReLU(LEAK), random),
        }
    )


def _perceptron(sizes: list[int], activation, random: torch.Generator) -> nn.Sequential:
    parts: list[nn.Module] = []
    for fan_in, fan_out in zip(sizes, sizes[1:], strict=False):
        linear = blank(nn.Linear)(fan_in, fan_out)
        with torch.no_grad():
            for tensor in (linear.weight, linear.bias):
                tensor.copy_((2 * torch.rand(tensor.shape, generator=random) - 1) / sqrt(fan_in))
        parts += [linear, activation()]
    return nn.Sequential(*parts[:-1])
