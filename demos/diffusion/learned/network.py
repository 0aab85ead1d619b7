"""A small multilayer perceptron that learns one function F(x̂, u, c) of a scaled point, a noise level and a class.

EDM's preconditioning (Karras et al. 2022, arXiv:2206.00364, table 1) makes a denoiser of it: with x centred on the data
and σ_d their spread,

    D(x, σ) = c_skip x + c_out F(c_in x, ln(σ/σ_d)),
    c_skip = σ_d²/(σ² + σ_d²),  c_out = σ σ_d/√(σ² + σ_d²),  c_in = 1/√(σ² + σ_d²),

so that F's input x̂ = c_in x and its regression target have unit variance at every σ. A Fourier feature of frequency ω
is multiplied by exp(−½ω²σ²c_in²), the factor by which noise of level σ damps that wave in the data.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from demos.nn.fourier_mlp import Architecture, Tensors, architecture_of, forward, initial

NOISE_WAVES = 4  # pairs of sine and cosine of ln(σ/σ_d), periods of 16, 8, 4 and 2
BLOCK = 500  # points evaluated at once: their layers stay in the cache, which takes a third less time than 2,000 points
LEVEL_FEATURES = 1 + 2 * NOISE_WAVES  # inputs of the network for the noise level; each class adds one more


def architecture(
    width: int = 128, layers: int = 3, waves: int = 64, bandwidth: float = 2.0, classes: int = 0
) -> Architecture:
    """The sizes of the network. waves: number of random Fourier frequencies; bandwidth: their standard deviation, in
    radians per spread of the data; classes: number of classes, 0 for data without labels."""
    return Architecture(width, layers, waves, bandwidth, LEVEL_FEATURES + classes)


def classes_of(tensors: Tensors) -> int:
    """The number of classes that weights were made for. Raises ValueError where their shapes do not fit together."""
    return architecture_of(tensors).conditions - LEVEL_FEATURES


def initial_weights(architecture: Architecture, generator: torch.Generator) -> dict[str, Tensor]:
    """See `demos.nn.fourier_mlp.initial`. F starts as 0, D as the best linear denoiser."""
    return initial(architecture, generator, condition_scale=1 / math.sqrt(LEVEL_FEATURES))


@dataclass(frozen=True, eq=False)
class Network:
    """Weights, with what they were trained on: mean (2,) and spread of the data, range of ln(σ/σ_d), number of classes.

    For a noise level outside that range F is evaluated at the nearer end of the range, because it has limits there."""

    tensors: Tensors
    mean: Tensor
    sigma_data: float
    reach: tuple[float, float]
    classes: int = 0

    def raw(self, centred: Tensor, sigma: float, labels: Tensor | None) -> Tensor:
        """F (N, 2) float32 at points (N, 2) with the mean subtracted, at one noise level for all."""
        total = sigma**2 + self.sigma_data**2
        level = min(max(math.log(sigma / self.sigma_data), self.reach[0]), self.reach[1])
        level, damping = torch.full((1, 1), level), torch.tensor(sigma**2 / total)
        blocks = (centred.float() * total**-0.5).split(BLOCK)
        classes = [None] * len(blocks) if labels is None else one_hot(labels, self.classes).split(BLOCK)
        return torch.cat([raw(self.tensors, *each, level, damping) for each in zip(blocks, classes, strict=True)])


def raw(tensors: Tensors, points: Tensor, classes: Tensor | None, noise: Tensor, damping: Tensor) -> Tensor:
    """F: (N, 2). points: x̂ (N, 2); noise: u = ln(σ/σ_d), (N, 1), or (1, 1) for all; damping: σ² c_in² likewise.

    classes (N, C): one-hot, a row of zeros for a point without a class; None where no point has one.
    """
    angles = noise * (math.pi / 8 * 2.0 ** torch.arange(NOISE_WAVES))
    level = torch.cat([noise / 4, angles.sin(), angles.cos()], 1)
    return forward(tensors, points, level, *(() if classes is None else (classes,)), damping=damping)


def one_hot(labels: Tensor, classes: int) -> Tensor:
    """One-hot rows (N, C) float32 of labels (N,); −1, no class, gives zeros. Raises ValueError for an unknown class."""
    if classes == 0:
        raise ValueError("this network was trained without classes: it cannot be asked for one.")
    low, high = int(labels.min()), int(labels.max())
    if low < -1 or high >= classes:
        raise ValueError(f"classes {low} to {high} were asked for; this network knows 0 to {classes - 1}.")
    return (labels[:, None] == torch.arange(classes)).float()
