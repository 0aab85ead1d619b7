"""A small multilayer perceptron F(x, c) of points in the plane and a condition vector, as named tensors.

Its input is x and random Fourier features of x (Tancik et al. 2020, arXiv:2006.10739), without which a perceptron
learns sharp edges slowly. The condition is added, by a linear map, to the bias of the first layer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import linear, silu

GAIN = 1.6  # keeps the variance of activations after SiLU roughly constant from layer to layer

Tensors = Mapping[str, Tensor]


@dataclass(frozen=True)
class Architecture:
    """The sizes of a network.

    width: neurons in each hidden layer. layers: hidden layers. waves: random frequencies. bandwidth: their standard
    deviation, in radians per unit of x. conditions: the length of the condition vector.
    """

    width: int = 128
    layers: int = 3
    waves: int = 64
    bandwidth: float = 2.0
    conditions: int = 0


def initial(architecture: Architecture, generator: torch.Generator, condition_scale: float = 1.0) -> dict[str, Tensor]:
    """Random float32 weights from the generator. The last layer is zero, so that F is 0 at the start.

    The tensors: frequencies (2, waves), not trained; conditions (conditions, width), with standard deviation
    `condition_scale`;
    weight0 (2 + 2 waves, width) and weightK (width, width); biasK (width,); out (width, 2); out_bias (2,).
    """

    def normal(*shape: int, scale: float) -> Tensor:
        return torch.randn(*shape, generator=generator) * scale

    a = architecture
    tensors = {
        "frequencies": normal(2, a.waves, scale=a.bandwidth),
        "conditions": normal(a.conditions, a.width, scale=condition_scale),
    }
    inputs = 2 + 2 * a.waves
    for k in range(a.layers):
        tensors[f"weight{k}"] = normal(inputs, a.width, scale=(GAIN if k else 1.0) / math.sqrt(inputs))
        tensors[f"bias{k}"] = torch.zeros(a.width)
        inputs = a.width
    return tensors | {"out": torch.zeros(a.width, 2), "out_bias": torch.zeros(2)}


def architecture_of(tensors: Tensors) -> Architecture:
    """The architecture of weights made by `initial`; the bandwidth is estimated from the frequencies.

    Raises ValueError if the shapes are not consistent.
    """
    try:
        waves, (_, width) = tensors["frequencies"].shape[1], tensors["weight0"].shape
        layers = sum(name.startswith("weight") for name in tensors)
        bandwidth = float(tensors["frequencies"].square().mean().sqrt()) if waves else 0.0
        found = Architecture(width, layers, waves, bandwidth, len(tensors["conditions"]))
        shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
        wanted = {name: tuple(tensor.shape) for name, tensor in initial(found, torch.Generator()).items()}
    except (KeyError, ValueError, RuntimeError) as error:
        raise ValueError(f"these are not the weights of such a network: {error}.") from None
    if shapes != wanted:
        raise ValueError(f"weights of the shapes {shapes} do not fit together; {wanted} would.")
    return found


def forward(tensors: Tensors, x: Tensor, *conditions: Tensor, damping: Tensor | None = None) -> Tensor:
    """F (N, 2) at x (N, 2).

    conditions: consecutive parts of the condition vector, each (N, c), or (1, c) for all points; missing entries at the
    end count as 0. damping, (N, 1) or (): the variance s² of Gaussian noise in x, which multiplies a feature of
    frequency ω by exp(−½ω²s²).
    """
    frequencies = tensors["frequencies"]
    waves = x @ frequencies
    sine, cosine = waves.sin(), waves.cos()
    if damping is not None:
        strength = torch.exp(frequencies.square().sum(0) * (-0.5 * damping))
        sine, cosine = sine * strength, cosine * strength
    hidden = torch.cat([x, sine, cosine], 1)
    shift, first = tensors["bias0"], 0
    for part in conditions:
        rows = tensors["conditions"][first : first + part.shape[1]]
        shift = torch.addmm(shift, part, rows) if first == 0 else shift + part @ rows
        first += part.shape[1]
    hidden, layer = silu(torch.addmm(shift, hidden, tensors["weight0"])), 1
    while (name := f"weight{layer}") in tensors:
        hidden = silu(torch.addmm(tensors[f"bias{layer}"], hidden, tensors[name]))
        layer += 1
    return linear(hidden, tensors["out"].T.contiguous(), tensors["out_bias"])  # transposed: five times faster
