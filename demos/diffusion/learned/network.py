"""A small multilayer perceptron that learns one function F(x̂, u, c) of a scaled point, a noise level and a class.

EDM's preconditioning (Karras et al. 2022, arXiv:2206.00364, table 1) makes a denoiser of it: with x centred on the data
and σ_d their spread,

    D(x, σ) = c_skip x + c_out F(c_in x, ln(σ/σ_d)),
    c_skip = σ_d²/(σ² + σ_d²),  c_out = σ σ_d/√(σ² + σ_d²),  c_in = 1/√(σ² + σ_d²),

so that F's input x̂ = c_in x and its regression target have unit variance at every σ. Its Fourier features are damped
as noise of the level σ damps a wave, exp(−½ω²σ²c_in²): details finer than the noise are not there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from demos.nn.fourier_mlp import Architecture, Tensors, architecture_of, forward, initial

NOISE_WAVES = 4  # pairs of sine and cosine of ln(σ/σ_d), periods of 16, 8, 4 and 2
BLOCK = 500  # points at a time: layers that stay in the cache take a third less time than those of 2,000 points
LEVEL_FEATURES = 1 + 2 * NOISE_WAVES  # numbers that enter for the noise level; one more for each class


def architecture(
    width: int = 128, layers: int = 3, waves: int = 64, bandwidth: float = 2.0, classes: int = 0
) -> Architecture:
    """bandwidth: of the random frequencies, in radians per spread of the data; classes: 0 where the data have no labels
    to be asked for."""
    return Architecture(width, layers, waves, bandwidth, LEVEL_FEATURES + classes)


def classes_of(tensors: Tensors) -> int:
    """How many classes such weights were made for. Raises ValueError where they do not fit together."""
    return architecture_of(tensors).conditions - LEVEL_FEATURES


def initial_weights(architecture: Architecture, generator: torch.Generator) -> dict[str, Tensor]:
    """See `demos.nn.fourier_mlp.initial`. F starts as 0, D as the best linear denoiser."""
    return initial(architecture, generator, condition_scale=1 / math.sqrt(LEVEL_FEATURES))


@dataclass(frozen=True, eq=False)
class Network:
    """Weights, and what they were trained for: data of this mean (2,) and spread, levels ln(σ/σ_d) in this range, and
    so many classes. Outside the range F is asked at its ends: what is left to learn there no longer changes."""

    tensors: Tensors
    mean: Tensor
    sigma_data: float
    reach: tuple[float, float]
    classes: int = 0

    def raw(self, centred: Tensor, sigma: float, labels: Tensor | None) -> Tensor:
        """F (N, 2) float32 at points less the mean, one noise level for all."""
        total = sigma**2 + self.sigma_data**2
        level = min(max(math.log(sigma / self.sigma_data), self.reach[0]), self.reach[1])
        level, damping = torch.full((1, 1), level), torch.tensor(sigma**2 / total)
        blocks = (centred.float() * total**-0.5).split(BLOCK)
        classes = [None] * len(blocks) if labels is None else one_hot(labels, self.classes).split(BLOCK)
        return torch.cat([raw(self.tensors, *each, level, damping) for each in zip(blocks, classes, strict=True)])


def raw(tensors: Tensors, points: Tensor, classes: Tensor | None, noise: Tensor, damping: Tensor) -> Tensor:
    """F: (N, 2). points: x̂ (N, 2); noise: u = ln(σ/σ_d), (N, 1), or (1, 1) for all; damping: σ² c_in² likewise.

    classes (N, C): a 1 in the column of each point's class, none where no class is asked for; None: for no point.
    """
    angles = noise * (math.pi / 8 * 2.0 ** torch.arange(NOISE_WAVES))
    level = torch.cat([noise / 4, angles.sin(), angles.cos()], 1)
    return forward(tensors, points, level, *(() if classes is None else (classes,)), damping=damping)


def one_hot(labels: Tensor, classes: int) -> Tensor:
    """(N, C) float32 of labels (N,), where −1 asks for no class. Raises ValueError for a class that is not there."""
    if classes == 0:
        raise ValueError("this network was trained without classes: it cannot be asked for one.")
    low, high = int(labels.min()), int(labels.max())
    if low < -1 or high >= classes:
        raise ValueError(f"classes {low} to {high} were asked for; this network knows 0 to {classes - 1}.")
    return (labels[:, None] == torch.arange(classes)).float()
