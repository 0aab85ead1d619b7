"""Deep Ritz: a small network minimizes the Dirichlet energy, and so learns to solve Poisson's equation.

    E(w) = ∫ ½|∇u|² − f u over the unit square,  u(x, y) = 16 x(1 − x) y(1 − y) · net(x, y; w),  f = 1

The factor is 0 on the boundary, so that every network obeys u = 0 there. E & Yu, Commun. Math. Stat. 6 (2018) 1.
The minimum is −½∫u, u the solution of −Δu = 1: a Fourier series, summed here to twelve digits in `exact_*`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import cosh, pi, sqrt, tanh

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import checkpoint
from demos.physics.bench.system import Reference, System

STEEP = 4.0  # u over the boundary factor bends logarithmically at the corners: features must be finer than the square


def exact_energy() -> float:
    """−½∫u = −½ (1/12 − (16/π⁵) Σ_odd tanh(nπ/2)/n⁵), Timoshenko's torsion of a square bar."""
    return -0.5 * (1 / 12 - 16 / pi**5 * sum(tanh(n * pi / 2) / n**5 for n in range(1, 4000, 2)))


def exact_centre() -> float:
    """u(½, ½) = 1/8 − (4/π³) Σ_odd (−1)^((n−1)/2)/(n³ cosh(nπ/2))"""
    return 1 / 8 - 4 / pi**3 * sum((-1) ** ((n - 1) // 2) / (n**3 * cosh(n * pi / 2)) for n in range(1, 40, 2))


def exact_solution(points: int) -> np.ndarray:
    """(points, points) u on an even grid over the square, boundary included."""
    x = np.linspace(0, 1, points)
    u = np.repeat((x * (1 - x) / 2)[None, :], points, 0)
    for n in range(1, 200, 2):
        # cosh(a t)/cosh(a/2) as exponentials, t = y − ½: neither overflows
        a, t = n * pi, np.abs(x - 0.5)
        profile = (np.exp(a * (t - 0.5)) + np.exp(-a * (t + 0.5))) / (1 + np.exp(-a))
        u -= 4 / (pi**3 * n**3) * profile[:, None] * np.sin(a * x)[None, :]
    return u


def exact_slopes(points: np.ndarray) -> np.ndarray:
    """(Q, 2) ∇u of the exact solution at points (Q, 2) inside the square.

    The series runs along the axis on which a point is nearer to a wall: across it its terms fall exponentially.
    """
    swap = np.abs(points[:, 1] - 0.5) > np.abs(points[:, 0] - 0.5)
    x, y = np.where(swap[:, None], points[:, ::-1], points).T
    slopes = np.stack((0.5 - x, np.zeros_like(x)), 1)
    for n in range(1, 200, 2):
        a, t = n * pi, y - 0.5
        down, up = np.exp(a * (t - 0.5)), np.exp(-a * (t + 0.5))
        whole = 4 / (pi**3 * n**3 * (1 + np.exp(-a)))
        slopes[:, 0] -= whole * (down + up) * a * np.cos(a * x)
        slopes[:, 1] -= whole * a * (down - up) * np.sin(a * x)
    return np.where(swap[:, None], slopes[:, ::-1], slopes)


@dataclass(frozen=True)
class DeepRitz:
    """States are (N, P): the weights of N networks 2 → width → width → 1 with tanh. gauss: quadrature points a side."""

    width: int = 24
    gauss: int = 24

    def __post_init__(self) -> None:
        if not 2 <= self.width <= 128:
            raise ValueError(f"width = {self.width} must be from 2 to 128.")
        if not 4 <= self.gauss <= 64:
            raise ValueError(f"gauss = {self.gauss} must be from 4 to 64.")

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """Of the matrices: rows are inputs and, last, the bias."""
        return (3, self.width), (self.width + 1, self.width), (self.width + 1, 1)

    @property
    def size(self) -> int:
        return sum(rows * columns for rows, columns in self.shapes)

    @cached_property
    def _nodes(self) -> tuple[Tensor, Tensor, Tensor]:
        """Points (Q, 2), their weights (Q,), and the boundary factor with its gradient (Q, 3)."""
        nodes, weights = np.polynomial.legendre.leggauss(self.gauss)
        x, w = torch.from_numpy((nodes + 1) / 2), torch.from_numpy(weights / 2)
        points = torch.cartesian_prod(x, x)
        return points, torch.outer(w, w).flatten(), _factor(points)

    def _matrices(self, weights: Tensor) -> list[Tensor]:
        pieces = weights.split([rows * columns for rows, columns in self.shapes], dim=1)
        return [piece.reshape(-1, *shape) for piece, shape in zip(pieces, self.shapes, strict=True)]

    def _forward(self, weights: Tensor, points: Tensor) -> tuple[Tensor, list]:
        """(N, 3, Q): the network's value and its two derivatives, and what its layers were, for the way back.

        Value and derivatives run through the layers side by side, as (N, 3, Q, width).
        """
        ones = weights.new_ones(len(points), 1)
        inputs = torch.stack(
            (
                torch.cat((points, ones), 1),
                weights.new_tensor([1.0, 0.0, 0.0]).expand(len(points), 3),
                weights.new_tensor([0.0, 1.0, 0.0]).expand(len(points), 3),
            )
        ).expand(len(weights), -1, -1, -1)
        layers, matrices = [], self._matrices(weights)
        for i, matrix in enumerate(matrices):
            z = inputs @ matrix[:, None]
            if i == len(matrices) - 1:
                layers.append((inputs, z, None, None))
                return z[..., 0], layers
            value = torch.tanh(z[:, 0])
            slope = 1 - value * value
            layers.append((inputs, z, value, slope))
            out = torch.stack((value, slope * z[:, 1], slope * z[:, 2]), 1)
            bias = torch.zeros_like(out[..., :1])
            bias[:, 0] = 1
            inputs = torch.cat((out, bias), -1)
        raise AssertionError

    def _solution(self, weights: Tensor, points: Tensor, factor: Tensor) -> tuple[Tensor, list]:
        """(N, 3, Q): u, u_x, u_y, and the layers"""
        net, layers = self._forward(weights, points)
        b, bx, by = factor.T
        return torch.stack((b * net[:, 0], b * net[:, 1] + bx * net[:, 0], b * net[:, 2] + by * net[:, 0]), 1), layers

    def energy(self, weights: Tensor, t: float = 0.0) -> Tensor:
        """(N,)"""
        checkpoint()
        points, quadrature, factor = (part.to(weights) for part in self._nodes)
        u = self._solution(weights, points, factor)[0]
        return (0.5 * (u[:, 1].square() + u[:, 2].square()) - u[:, 0]) @ quadrature

    def gradient(self, weights: Tensor, t: float = 0.0) -> Tensor:
        """∂E/∂w, backward through value and derivatives together."""
        points, quadrature, factor = (part.to(weights) for part in self._nodes)
        u, layers = self._solution(weights, points, factor)
        b, bx, by = factor.T
        back = torch.stack((bx * u[:, 1] + by * u[:, 2] - b, b * u[:, 1], b * u[:, 2]), 1) * quadrature
        back, parts = back[..., None], []
        matrices = self._matrices(weights)
        for (inputs, z, value, slope), matrix in zip(reversed(layers), reversed(matrices), strict=True):
            if value is not None:  # through tanh: value, slope·z_x and slope·z_y, all of them functions of z
                bend = -2 * value * slope
                back = torch.stack(
                    (
                        slope * back[:, 0] + bend * (z[:, 1] * back[:, 1] + z[:, 2] * back[:, 2]),
                        slope * back[:, 1],
                        slope * back[:, 2],
                    ),
                    1,
                )
            parts.append((inputs.flatten(1, 2).mT @ back.flatten(1, 2)).flatten(1))
            back = (back @ matrix[:, None].mT)[..., :-1]
        return torch.cat(parts[::-1], 1)

    def distance(self, weights: Tensor) -> Tensor:
        """(N,) ½∫|∇(u − u*)|² to the exact solution u*: by Green's identity it is E − E*."""
        checkpoint()
        points, quadrature, factor = (part.to(weights) for part in self._nodes)
        exact = torch.from_numpy(exact_slopes(self._nodes[0].numpy())).to(weights)
        u = self._solution(weights, points, factor)[0]
        return 0.5 * (u[:, 1:] - exact.T).square().sum(1) @ quadrature

    def field(self, weights: Tensor, points: int = 65) -> Tensor:
        """(N, points, points) u on an even grid, boundary included, rows along y."""
        x = torch.linspace(0, 1, points, dtype=weights.dtype)
        y, x = torch.meshgrid(x, x, indexing="ij")
        return self._values(weights, torch.stack((x.flatten(), y.flatten()), 1)).reshape(-1, points, points)

    def centre(self, weights: Tensor) -> Tensor:
        """(N,) u(½, ½)"""
        return self._values(weights, weights.new_full((1, 2), 0.5))[:, 0]

    def _values(self, weights: Tensor, places: Tensor) -> Tensor:
        """(N, Q) u alone, one network after the other: a layer then stays in the cache."""
        factor, result = _factor(places)[:, 0], []
        for one in weights:
            checkpoint()
            first, second, last = (matrix[0] for matrix in self._matrices(one[None]))
            hidden = torch.addmm(first[-1], places, first[:-1]).tanh_()
            hidden = torch.addmm(second[-1], hidden, second[:-1]).tanh_()
            result.append(factor * (hidden @ last[:-1, 0] + last[-1, 0]))
        return torch.stack(result)

    def starts(self) -> dict[str, Callable[[int, int], Tensor]]:
        def random(seed: int, replicas: int) -> Tensor:
            """Glorot & Bengio's normal weights, AISTATS 2010, the first layer's STEEP times as large."""
            draw = np.random.default_rng([seed, 41])
            pieces = []
            for rows, columns in self.shapes:
                matrix = draw.standard_normal((replicas, rows, columns)) * sqrt(2 / (rows - 1 + columns))
                pieces.append((STEEP if rows == 3 else 1.0) * matrix.reshape(replicas, -1))
            return torch.from_numpy(np.concatenate(pieces, axis=1))

        return {"random": random}

    def system(self) -> System:
        source = "double Fourier series; Timoshenko & Goodier, Theory of Elasticity, §109"
        return System(
            name="deep_ritz",
            title="A network learns Poisson's equation",
            sentence="A small network minimizes the Dirichlet energy of its own output.",
            formula=r"\int_{[0,1]^2} \tfrac12|\nabla u_w|^2 - u_w",
            shape=(self.size,),
            energy=self.energy,
            gradient=self.gradient,
            starts=self.starts(),
            longest=0.3,
            duration=100.0,
            references=(Reference("energy", exact_energy(), source), Reference("centre", exact_centre(), source)),
            parts={"field": self.field, "exact": exact_solution},
        )


def _factor(points: Tensor) -> Tensor:
    """(Q, 3): 16 x(1 − x) y(1 − y) and its derivatives"""
    x, y = points.T
    a, b = x * (1 - x), y * (1 - y)
    return 16 * torch.stack((a * b, (1 - 2 * x) * b, a * (1 - 2 * y)), 1)
