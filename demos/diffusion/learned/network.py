"""A small multilayer perceptron that learns one function F(x̂, u, c) of a scaled point, a noise level and a class.

EDM's preconditioning (Karras et al. 2022, arXiv:2206.00364, table 1) makes a denoiser of it: with x centred on the data
and σ_d their spread,

    D(x, σ) = c_skip x + c_out F(c_in x, ln(σ/σ_d)),
    c_skip = σ_d²/(σ² + σ_d²),  c_out = σ σ_d/√(σ² + σ_d²),  c_in = 1/√(σ² + σ_d²),

so that F's input and its regression target have unit variance at every σ. What the network sees of its input is
x̂ = c_in x and random Fourier features of it (Tancik et al. 2020, arXiv:2006.10739): without them an MLP learns edges
late. Each is damped as noise of the level σ damps a wave, exp(−½ω²σ²c_in²): details finer than the noise are not there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import linear, silu

NOISE_WAVES = 4  # pairs of sine and cosine of ln(σ/σ_d), periods of 16, 8, 4 and 2
BLOCK = 500  # points at a time: layers that stay in the cache take a third less time than those of 2,000 points
GAIN = 1.6  # keeps the variance of SiLU's outputs from layer to layer, about


@dataclass(frozen=True)
class Architecture:
    """width: neurons a layer; layers: hidden ones; waves, bandwidth: how many random frequencies, and their standard
    deviation in radians per spread of the data; classes: 0 where the data have no labels to be asked for."""

    width: int = 128
    layers: int = 3
    waves: int = 64
    bandwidth: float = 2.0
    classes: int = 0

    @property
    def conditions(self) -> int:
        """Numbers that enter beside the point: of the noise level, and one for each class."""
        return 1 + 2 * NOISE_WAVES + self.classes


Tensors = Mapping[str, Tensor]


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


def initial(architecture: Architecture, generator: torch.Generator) -> dict[str, Tensor]:
    """Fresh float32 weights, all from the generator. The last layer is zero: F starts as 0, D as the best linear one.

    frequencies (2, waves), which are never trained; conditions (conditions, width); weight0 (2 + 2 waves, width) and
    weightK (width, width); biasK (width,); out (width, 2); out_bias (2,).
    """

    def normal(*shape: int, scale: float) -> Tensor:
        return torch.randn(*shape, generator=generator) * scale

    a = architecture
    tensors = {
        "frequencies": normal(2, a.waves, scale=a.bandwidth),
        "conditions": normal(a.conditions, a.width, scale=1 / math.sqrt(1 + 2 * NOISE_WAVES)),
    }
    inputs = 2 + 2 * a.waves
    for k in range(a.layers):
        tensors[f"weight{k}"] = normal(inputs, a.width, scale=(GAIN if k else 1.0) / math.sqrt(inputs))
        tensors[f"bias{k}"] = torch.zeros(a.width)
        inputs = a.width
    return tensors | {"out": torch.zeros(a.width, 2), "out_bias": torch.zeros(2)}


def architecture_of(tensors: Tensors) -> Architecture:
    """What weights of `initial`'s shapes were made for; the bandwidth is read off the frequencies.

    Raises ValueError where they do not fit together.
    """
    try:
        waves, (_, width) = tensors["frequencies"].shape[1], tensors["weight0"].shape
        layers = sum(name.startswith("weight") for name in tensors)
        classes = len(tensors["conditions"]) - 1 - 2 * NOISE_WAVES
        bandwidth = float(tensors["frequencies"].square().mean().sqrt()) if waves else 0.0
        found = Architecture(width, layers, waves, bandwidth, classes)
        shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
        wanted = {name: tuple(tensor.shape) for name, tensor in initial(found, torch.Generator()).items()}
    except (KeyError, ValueError, RuntimeError) as error:
        raise ValueError(f"these are not the weights of such a network: {error}.") from None
    if shapes != wanted:
        raise ValueError(f"weights of the shapes {shapes} do not fit together; {wanted} would.")
    return found


def raw(tensors: Tensors, points: Tensor, classes: Tensor | None, noise: Tensor, damping: Tensor) -> Tensor:
    """F: (N, 2). points: x̂ (N, 2); noise: u = ln(σ/σ_d), (N, 1), or (1, 1) for all; damping: σ² c_in² likewise.

    classes (N, C): a 1 in the column of each point's class, none where no class is asked for; None: for no point.
    """
    weights = tensors["frequencies"]
    waves = points @ weights
    strength = torch.exp(weights.square().sum(0) * (-0.5 * damping))
    hidden = torch.cat([points, waves.sin() * strength, waves.cos() * strength], 1)
    angles = noise * (math.pi / 8 * 2.0 ** torch.arange(NOISE_WAVES))
    condition = torch.cat([noise / 4, angles.sin(), angles.cos()], 1)
    known = condition.shape[1]
    shift = torch.addmm(tensors["bias0"], condition, tensors["conditions"][:known])
    if classes is not None:
        shift = shift + classes @ tensors["conditions"][known:]
    hidden, layer = silu(torch.addmm(shift, hidden, tensors["weight0"])), 1
    while (name := f"weight{layer}") in tensors:
        hidden = silu(torch.addmm(tensors[f"bias{layer}"], hidden, tensors[name]))
        layer += 1
    return linear(hidden, tensors["out"].T.contiguous(), tensors["out_bias"])  # five times as fast as with two columns


def one_hot(labels: Tensor, classes: int) -> Tensor:
    """(N, C) float32 of labels (N,), where −1 asks for no class. Raises ValueError for a class that is not there."""
    if classes == 0:
        raise ValueError("this network was trained without classes: it cannot be asked for one.")
    low, high = int(labels.min()), int(labels.max())
    if low < -1 or high >= classes:
        raise ValueError(f"classes {low} to {high} were asked for; this network knows 0 to {classes - 1}.")
    return (labels[:, None] == torch.arange(classes)).float()
