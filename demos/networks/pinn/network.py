"""A network x → n → n → 1 of tanh with its second derivative, and both gradients of its loss, written out.

The problem is −u″ = f on [−1, 1] with u(±1) = 0 and the solution sin kπx. The loss of a physics-informed network
(Raissi, Perdikaris & Karniadakis, J. Comput. Phys. 378 (2019) 686) is L_r + λ L_b,

    L_r = mean of (u″ + f)² over Q points inside,    L_b = mean of u² over the two ends

A point inside contributes to L_r alone and an end to L_b alone, so that one backward pass gives both gradients.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from demos.common.random_streams import generator
from demos.networks.pinn.config import PinnConfig

BIAS = 0.3  # standard deviation of the initial biases
INSIDE = 64  # points of the residual: the midpoints of as many equal cells


@dataclass(frozen=True)
class Losses:
    """Losses of N networks: residual, boundary (N,); their gradients by all weights (N, P); u (N, Q + 2) at
    `Network.x`."""

    residual: np.ndarray
    boundary: np.ndarray
    by_residual: np.ndarray
    by_boundary: np.ndarray
    u: np.ndarray


@dataclass(frozen=True)
class Network:
    """The network of a config: weights are vectors (N, P), one row per network."""

    config: PinnConfig

    @cached_property
    def x(self) -> np.ndarray:
        """(Q + 2,): the points inside, then both ends."""
        return np.append((np.arange(INSIDE) + 0.5) / INSIDE * 2 - 1, [-1.0, 1.0])

    @cached_property
    def forcing(self) -> np.ndarray:
        """(Q,) f at the points inside."""
        k = self.config.frequency * np.pi
        return k**2 * np.sin(k * self.x[:INSIDE])

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        n = self.config.width
        return (n,), (n,), (n, n), (n,), (n,), ()

    def start(self) -> np.ndarray:
        """(P,): Xavier's weights, and random biases. Without biases the network would be odd like the solution, and
        some gradients would be 0 up to rounding errors, which Adam would amplify to steps."""
        n, random = self.config.width, generator(self.config.seed, "weights of the PINN")
        scales = [np.sqrt(2 / (n + 1)), BIAS, np.sqrt(1 / n), BIAS, np.sqrt(2 / (n + 1)), BIAS]
        parts = [
            scale * np.ravel(random.standard_normal(shape)) for scale, shape in zip(scales, self.shapes, strict=True)
        ]
        return np.concatenate(parts)

    def split(self, weights: np.ndarray) -> list[np.ndarray]:
        """Of (N, P): w₁, b₁ (N, n), W₂ (N, n, n), b₂, w₃ (N, n), b₃ (N,)."""
        ends = np.cumsum([int(np.prod(shape)) for shape in self.shapes])[:-1]
        parts = np.split(weights, ends, axis=1)
        return [part.reshape(-1, *shape) for part, shape in zip(parts, self.shapes, strict=True)]

    def output(self, weights: np.ndarray, x: np.ndarray) -> np.ndarray:
        """u (N, E) at x (E,)."""
        w1, b1, W2, b2, w3, b3 = self.split(weights)
        a = np.tanh(x[:, None] * w1[:, None] + b1[:, None])
        return (np.tanh(a @ W2.mT + b2[:, None]) @ w3[..., None])[..., 0] + b3[:, None]

    def losses(self, weights: np.ndarray) -> Losses:
        """Forward with two derivatives by x, and backward; weights (N, P)."""
        w1, b1, W2, b2, w3, b3 = self.split(weights)
        w, Q = w1[:, None], INSIDE
        a = np.tanh(self.x[:, None] * w + b1[:, None])  # (N, E, n)
        s = 1 - a * a
        sw = s * w
        asw = a * sw
        first = np.stack((a, sw, -2 * asw * w), 1)  # tanh, and its two derivatives by x
        z, p, q = np.moveaxis(first @ W2.mT[:, None], 1, 0)
        A = np.tanh(z + b2[:, None])
        S = 1 - A * A
        Sp = S * p
        ASp = A * Sp
        C = S * q - 2 * ASp * p  # A″
        u = (A @ w3[..., None])[..., 0] + b3[:, None]
        residual = (C[:, :Q] @ w3[..., None])[..., 0] + self.forcing
        ends = u[:, Q:]
        # backward: the gradient by u comes from the ends alone, that by u″ from the points inside alone
        by_u, by_c = np.zeros_like(u), np.zeros_like(u)
        by_u[:, Q:], by_c[:, :Q] = ends, 2 / Q * residual
        A_, C_ = by_u[..., None] * w3[:, None], by_c[..., None] * w3[:, None]
        z_ = A_ * S - 2 * C_ * (A * C + Sp * Sp)
        second = np.stack((z_, -4 * C_ * ASp, C_ * S), 1)
        a_, d_, c_ = np.moveaxis(second @ W2[:, None], 1, 0)
        z1_ = a_ * s - 2 * d_ * asw - 2 * c_ * w * (sw - 3 * a * asw)
        w1_ = z1_ * self.x[:, None] + d_ * s - 4 * c_ * asw
        w3_ = by_u[..., None] * A + by_c[..., None] * C
        gradients = []
        for part in (slice(0, Q), slice(Q, None)):
            W2_ = (second[:, :, part].mT @ first[:, :, part]).sum(1)
            sums = [each[:, part].sum(1) for each in (w1_, z1_, z_, w3_, by_u)]
            sums.insert(2, W2_.reshape(len(u), -1))
            sums[-1] = sums[-1][:, None]
            gradients.append(np.concatenate(sums, 1))
        return Losses((residual**2).mean(1), (ends**2).mean(1), gradients[0], gradients[1], u)
