"""Sums over all pairs of particles: E(x) = Σ u(|xᵢ − xⱼ|²) over i < j, with gradient and Hessian, for many replicas."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch import Tensor

from demos.physics.bench.pair_potentials import PairPotential

CHUNK = 2**15  # squared distances computed at once: two such arrays stay in the processor's second-level cache


class Pairs:
    """E for particles x (B, N, 3), B replicas. It works in numpy, whose overhead per operation is a third of torch's;
    overhead dominates at this size (38 atoms have 1,444 squared distances).

    Squared distances are computed by one matrix product, |x|² + |y|² − 2x·y, relative to the centre; cancellation
    gives them an error of 1e-15 of the squared size of the cluster.
    """

    def __init__(self, potential: PairPotential):
        self.potential = potential

    def energy(self, x: Tensor, t: float = 0.0) -> Tensor:
        """(B,)"""
        return self._in_chunks(self._energy, x, ())

    def gradient(self, x: Tensor, t: float = 0.0) -> Tensor:
        """(B, N, 3)"""
        return self._in_chunks(self._gradient, x, tuple(x.shape[1:]))

    def site_energies(self, x: Tensor) -> Tensor:
        """(B, N) the energy of each particle: half of the energy of each of its pairs."""
        return self._in_chunks(lambda part: 0.5 * self.potential.value_over(_squares(part)[0]).sum(2), x, (x.shape[1],))

    def distances(self, x: Tensor) -> Tensor:
        """(B, N, N), inf on the diagonal."""
        return self._in_chunks(lambda part: np.sqrt(np.maximum(_squares(part)[0], 0)), x, (x.shape[1],) * 2)

    def hessian(self, x: Tensor, t: float = 0.0) -> Tensor:
        """(B, 3N, 3N), off the diagonal −(4u″ d dᵀ + 2u′ I) with d = xᵢ − xⱼ; on it minus the sum of the row."""
        return self._in_chunks(self._hessian, x, (x[0].numel(),) * 2)

    @staticmethod
    def _in_chunks(function, x: Tensor, shape: tuple[int, ...]) -> Tensor:
        points = x.numpy()
        size = max(1, CHUNK // points.shape[1] ** 2)
        with np.errstate(all="ignore"):  # particles at the same place have infinite energy, without a warning
            if len(points) <= size:
                return torch.from_numpy(function(points))
            result = np.empty((len(points), *shape), points.dtype)
            for first in range(0, len(points), size):
                result[first : first + size] = function(points[first : first + size])
        return torch.from_numpy(result)

    def _energy(self, x: np.ndarray) -> np.ndarray:
        squares = _squares(x)[0]
        return 0.5 * self.potential.value_over(squares).reshape(len(x), -1).sum(1)

    def _gradient(self, x: np.ndarray) -> np.ndarray:
        axes = x.shape[2]
        squares, parts = _squares(x)
        weights = self.potential.derivative_over(squares)
        sums = weights @ parts[..., : axes + 1]  # Σ wⱼ xⱼ and Σ wⱼ
        result = sums[..., axes:] * parts[..., :axes]
        result -= sums[..., :axes]
        return result

    def _hessian(self, x: np.ndarray) -> np.ndarray:
        replicas, count, axes = x.shape
        first, second = self.potential.derivatives(_squares(x)[0])
        difference = np.moveaxis(x, 2, 0)[:, :, :, None] - np.moveaxis(x, 2, 0)[:, :, None, :]  # (3, B, N, N)
        result = np.empty((replicas, count, axes, count, axes), x.dtype)
        same = np.arange(count)
        for a in range(axes):
            along = second * difference[a]
            for b in range(a, axes):
                block = along * difference[b]
                if a == b:
                    block += first
                total = block.sum(2)
                np.negative(block, out=block)
                block[:, same, same] = total
                result[:, :, a, :, b] = block
                if a != b:
                    result[:, :, b, :, a] = block
        return result.reshape(replicas, count * axes, count * axes)


def _squares(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """|xᵢ − xⱼ|² (B, N, N) with inf on the diagonal; (x, 1, |x|²) (B, N, 5) with x about its centre."""
    count, axes = x.shape[1:]
    parts = np.empty((len(x), count, axes + 2), x.dtype)
    centred = parts[..., :axes]
    np.subtract(x, np.add.reduce(x, 1, keepdims=True) / count, out=centred)  # x.mean is twice as slow for few particles
    parts[..., axes] = 1.0
    parts[..., axes + 1] = np.vecdot(centred, centred)
    squares = parts @ (parts @ _form(axes, x.dtype.char)).swapaxes(1, 2)
    squares.reshape(len(x), -1)[:, :: count + 1] = np.inf
    return squares, parts


@cache
def _form(axes: int, kind: str) -> np.ndarray:
    """The quadratic form that takes (x, 1, |x|²) and (y, 1, |y|²) to |x − y|²."""
    form = np.zeros((axes + 2, axes + 2), kind)
    form[range(axes), range(axes)] = -2
    form[axes, axes + 1] = form[axes + 1, axes] = 1
    form.flags.writeable = False
    return form
