"""Many tanh perceptrons at once, each with one weight vector, and the derivatives of their output by their input.

The value and its derivatives are propagated through the layers together; one backward pass gives the gradient, with
respect to the weights, of a function of all of them. It is written by hand: autograd would run the layers three times.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import checkpoint


@dataclass(frozen=True)
class Layer:
    """The input and output of one layer, stored for `backward`.

    inputs (N, 1 + d, Q, rows): the value and its d derivatives. z (N, 1 + d, Q, columns): the output before tanh.
    value, derivative (N, Q, columns): tanh z and 1 − tanh² z for the value; None in the last layer, which has no tanh.
    """

    inputs: Tensor
    z: Tensor
    value: Tensor | None
    derivative: Tensor | None


@dataclass(frozen=True)
class TanhMLP:
    """Networks inputs → width → … → width → 1 with `hidden` tanh layers. Weights: (N, size), a row a network."""

    width: int
    inputs: int = 2
    hidden: int = 2

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """The shapes (rows, columns) of the layers' matrices: a row for each input and a last one for the bias."""
        between = ((self.width + 1, self.width),) * (self.hidden - 1)
        return (self.inputs + 1, self.width), *between, (self.width + 1, 1)

    @property
    def size(self) -> int:
        """The number of weights of one network."""
        return sum(rows * columns for rows, columns in self.shapes)

    def glorot(self, random: np.random.Generator, networks: int, first: float = 1.0) -> Tensor:
        """Random weights (networks, size), float64, with the normal initialization of Glorot & Bengio (AISTATS 2010);
        those of the first layer are multiplied by `first`."""
        pieces = []
        for i, (rows, columns) in enumerate(self.shapes):
            matrix = random.standard_normal((networks, rows, columns)) * sqrt(2 / (rows - 1 + columns))
            pieces.append((first if i == 0 else 1.0) * matrix.reshape(networks, -1))
        return torch.from_numpy(np.concatenate(pieces, axis=1))

    def matrices(self, weights: Tensor) -> list[Tensor]:
        """The matrices (N, rows, columns) of each layer, from weights (N, size)."""
        pieces = weights.split([rows * columns for rows, columns in self.shapes], dim=1)
        return [piece.reshape(-1, *shape) for piece, shape in zip(pieces, self.shapes, strict=True)]

    def forward(self, weights: Tensor, points: Tensor) -> tuple[Tensor, list[Layer]]:
        """The value and its d derivatives at points (Q, d), (N, 1 + d, Q); and the layers for `backward`."""
        ones, d = weights.new_ones(len(points), 1), self.inputs
        directions = [row.expand(len(points), d + 1) for row in torch.eye(d, d + 1, dtype=weights.dtype)]
        inputs = torch.stack((torch.cat((points, ones), 1), *directions)).expand(len(weights), -1, -1, -1)
        layers, matrices = [], self.matrices(weights)
        for matrix in matrices[:-1]:
            z = inputs @ matrix[:, None]
            value = torch.tanh(z[:, 0])
            derivative = 1 - value * value
            layers.append(Layer(inputs, z, value, derivative))
            out = torch.stack((value, *(derivative * z[:, 1 + k] for k in range(d))), 1)
            bias = torch.zeros_like(out[..., :1])
            bias[:, 0] = 1
            inputs = torch.cat((out, bias), -1)
        z = inputs @ matrices[-1][:, None]
        layers.append(Layer(inputs, z, None, None))
        return z[..., 0], layers

    def backward(self, weights: Tensor, layers: list[Layer], back: Tensor) -> Tensor:
        """The gradient (N, size), with respect to the weights, of a function of `forward`'s result.

        back (N, 1 + d, Q): the gradient of that function with respect to the result.
        """
        back, parts = back[..., None], []
        for layer, matrix in zip(reversed(layers), reversed(self.matrices(weights)), strict=True):
            if layer.value is not None and layer.derivative is not None:  # backward through tanh
                z, derivative = layer.z, layer.derivative
                second = -2 * layer.value * derivative
                bent = z[:, 1] * back[:, 1]
                for k in range(2, self.inputs + 1):
                    bent = bent + z[:, k] * back[:, k]
                back = torch.stack(
                    (
                        derivative * back[:, 0] + second * bent,
                        *(derivative * back[:, 1 + k] for k in range(self.inputs)),
                    ),
                    1,
                )
            parts.append((layer.inputs.flatten(1, 2).mT @ back.flatten(1, 2)).flatten(1))
            back = (back @ matrix[:, None].mT)[..., :-1]
        return torch.cat(parts[::-1], 1)

    def values(self, weights: Tensor, points: Tensor) -> Tensor:
        """The value alone at points (Q, d), (N, Q); one network at a time, so that a layer fits in the cache."""
        result = []
        for one in weights:
            checkpoint()
            *hidden, last = (matrix[0] for matrix in self.matrices(one[None]))
            out = points
            for matrix in hidden:
                out = torch.addmm(matrix[-1], out, matrix[:-1]).tanh_()
            result.append(out @ last[:-1, 0] + last[-1, 0])
        return torch.stack(result)
