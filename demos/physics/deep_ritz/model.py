"""Deep Ritz: a small network minimizes the Dirichlet energy and thereby solves Poisson's equation.

    E(w) = ∫ ½|∇u|² − f u over the unit square,  u(x, y) = 16 x(1 − x) y(1 − y) · net(x, y; w),  f = 1

The factor is 0 on the boundary, so that every network obeys u = 0 there. E & Yu, Commun. Math. Stat. 6 (2018) 1.
The minimum is −½∫u, u the solution of −Δu = 1: see `reference`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import checkpoint
from demos.nn.tanh_mlp import Layer, TanhMLP
from demos.physics.bench.system import Reference, System
from demos.physics.deep_ritz.reference import SOURCE, exact_centre, exact_energy, exact_gradient

STEEP = 4.0  # factor on the first layer's weights: u over the boundary factor varies fast (log r) near the corners


@dataclass(frozen=True)
class DeepRitz:
    """States are (N, P): the weights of N networks 2 → width → width → 1 with tanh. gauss: quadrature points a side.

    Raises ValueError where a value is out of range.
    """

    width: int = 24
    gauss: int = 24

    def __post_init__(self) -> None:
        if not 2 <= self.width <= 128:
            raise ValueError(f"width = {self.width} must be from 2 to 128.")
        if not 4 <= self.gauss <= 64:
            raise ValueError(f"gauss = {self.gauss} must be from 4 to 64.")

    @property
    def net(self) -> TanhMLP:
        return TanhMLP(self.width)

    @cached_property
    def _nodes(self) -> tuple[Tensor, Tensor, Tensor]:
        """Points (Q, 2), their weights (Q,), and the boundary factor with its gradient (Q, 3)."""
        nodes, weights = np.polynomial.legendre.leggauss(self.gauss)
        x, w = torch.from_numpy((nodes + 1) / 2), torch.from_numpy(weights / 2)
        points = torch.cartesian_prod(x, x)
        return points, torch.outer(w, w).flatten(), boundary_factor(points)

    def _solution(self, weights: Tensor, points: Tensor, factor: Tensor) -> tuple[Tensor, list[Layer]]:
        """(N, 3, Q): u, u_x, u_y, and the layers"""
        net, layers = self.net.forward(weights, points)
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
        return self.net.backward(weights, layers, back)

    def distance(self, weights: Tensor) -> Tensor:
        """(N,) ½∫|∇(u − u*)|² to the exact solution u*: by Green's identity it is E − E*."""
        checkpoint()
        points, quadrature, factor = (part.to(weights) for part in self._nodes)
        exact = torch.from_numpy(exact_gradient(self._nodes[0].numpy())).to(weights)
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
        """(N, Q) u alone"""
        return boundary_factor(places)[:, 0] * self.net.values(weights, places)

    def random(self, seed: int, replicas: int) -> Tensor:
        """(replicas, P) normal weights, the first layer's STEEP times as large."""
        return self.net.glorot(np.random.default_rng([seed, 41]), replicas, first=STEEP)

    def system(self) -> System:
        return System(
            name="deep_ritz",
            title="A network learns Poisson's equation",
            sentence="A small network minimizes the Dirichlet energy of its own output.",
            formula=r"\int_{[0,1]^2} \tfrac12|\nabla u_w|^2 - u_w",
            shape=(self.net.size,),
            energy=self.energy,
            gradient=self.gradient,
            starts={"random": self.random},
            longest=0.3,
            duration=100.0,
            references=(Reference("energy", exact_energy(), SOURCE), Reference("centre", exact_centre(), SOURCE)),
        )


def boundary_factor(points: Tensor) -> Tensor:
    """(Q, 3): 16 x(1 − x) y(1 − y) and its derivatives"""
    x, y = points.T
    a, b = x * (1 - x), y * (1 - y)
    return 16 * torch.stack((a * b, (1 - 2 * x) * b, a * (1 - 2 * y)), 1)
