"""Batch norm before the first step, where mean-field theory is silent: other networks of the kind, by hand in float64.

Theory takes the differences between samples for unrelated; those of one or two numbers are not. So the decay of a
network stands beside that of replicas, which see the same batch with weights of their own: forward, the gradient of the
loss and its way back through batch norm (Ioffe & Szegedy 2015) are written out here, without autograd.
"""

from __future__ import annotations

from math import sqrt

import numpy as np

from demos.common.random_streams import generator
from demos.networks.theory import ACTIVATIONS
from demos.networks.training.config import TrainingConfig

REPLICAS = 24
EPSILON = 1e-5  # of nn.BatchNorm1d
Linear = tuple[np.ndarray, np.ndarray]


def decays(config: TrainingConfig, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(REPLICAS, L − 1): log10 |∂ℒ/∂z_l| of the hidden layers, over the last one's; with skips from layer 2 on, as
    `checks.profile`. x (B, inputs), y (B,) whole or (B, 1)."""
    random = generator(config.seed, "replicas of batch norm")
    return np.array([profile(config, weights(config, random), x, y) for _ in range(REPLICAS)])


def weights(config: TrainingConfig, random: np.random.Generator) -> list[Linear]:
    """W (out, in) and b of the linear layers."""
    ends = 2 if config.classes else 1
    fans = [ends, *[config.width] * (config.depth - 1), ends]
    found = []
    for fan_in, fan_out in zip(fans, fans[1:], strict=False):
        if config.init == "default":
            matrix, bias = (random.uniform(-1, 1, shape) / sqrt(fan_in) for shape in ((fan_out, fan_in), fan_out))
        else:
            matrix, bias = random.standard_normal((fan_out, fan_in)), np.zeros(fan_out)
            if config.init == "orthogonal":
                left, _, right = np.linalg.svd(matrix, full_matrices=False)
                matrix = config.gain * left @ right
            else:
                variance = 2 / fan_in if config.init == "he" else 2 / (fan_in + fan_out)
                matrix = config.gain * sqrt(variance) * matrix
        found.append((matrix, bias))
    for _, bias in found[:-1]:
        bias += config.bias
    return found


def profile(config: TrainingConfig, own: list[Linear], x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(L − 1,): of one network, by its gradients."""
    sizes = gradients(config, own, x, y)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.log10([np.linalg.norm(g) for g in sizes])
    if config.skip != "none":
        found[0] = np.nan
    return found - found[-1]


def gradients(config: TrainingConfig, own: list[Linear], x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    """∂ℒ/∂ of the outputs of the hidden linear layers (B, n), first to last; with skips of those in the branches, times
    their weight."""
    phi = ACTIVATIONS[config.activation]
    scale = {"none": 0.0, "one": 1.0, "root": 1 / sqrt(config.depth - 1)}[config.skip]
    z, kept = x @ own[0][0].T + own[0][1], []
    for index, (matrix, bias) in enumerate(own[1:], 1):
        centred = z - z.mean(0)
        deviation = np.sqrt((centred**2).mean(0) + EPSILON)
        normed = centred / deviation
        kept.append((normed, deviation))
        branch = phi.value(normed) @ matrix.T + bias
        z = z + scale * branch if scale and index < len(own) - 1 else branch
    if config.classes:
        e = np.exp(z - z.max(1, keepdims=True))
        back = (e / e.sum(1, keepdims=True) - np.eye(z.shape[1])[y.astype(int).ravel()]) / len(z)
    else:
        back = (z - y.reshape(z.shape)) / z.size
    found: list[np.ndarray] = []
    for index in range(len(own) - 1, 0, -1):
        normed, deviation = kept[index - 1]
        skips = scale if scale and index < len(own) - 1 else 0.0
        if index < len(own) - 1:
            found.append(back * skips if skips else back)
        g = (back @ own[index][0]) * phi.slope(normed) * (skips or 1.0)
        through = (g - g.mean(0) - normed * (g * normed).mean(0)) / deviation
        back = back + through if skips else through
    return [*found, back][::-1]
