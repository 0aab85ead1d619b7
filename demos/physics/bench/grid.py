"""Periodic grids in one and two dimensions: Fourier transforms, Laplacian, H⁻¹ metric."""

from __future__ import annotations

from math import pi, prod

import torch
from torch import Tensor


class RealFourier:
    """Real states (N, ny, nx) or (N, n), and their half spectra."""

    def __init__(self, shape: tuple[int, ...]):
        self.shape, self._axes = shape, tuple(range(-len(shape), 0))
        weights = torch.full((shape[-1] // 2 + 1,), 2.0, dtype=torch.float64)  # counts a mode and its conjugate
        weights[0] = 1
        if shape[-1] % 2 == 0:
            weights[-1] = 1
        self._weights = (weights / prod(shape)).repeat_interleave(2)  # for real and imaginary parts side by side

    def forward(self, x: Tensor) -> Tensor:
        return torch.fft.rfftn(x, dim=self._axes)

    def backward(self, y: Tensor) -> Tensor:
        return torch.fft.irfftn(y, s=self.shape, dim=self._axes)

    def dot(self, a: Tensor, b: Tensor) -> Tensor:
        """(N,) Parseval: Σ xᵢyᵢ of the states behind two spectra."""
        both = (torch.view_as_real(a) * torch.view_as_real(b)).flatten(-2)
        return (both.flatten(1, -2).sum(1) if both.ndim > 2 else both) @ self._weights.to(both)


class ComplexFourier:
    """Complex states as (N, 2, ny, nx), real and imaginary part, and their full spectra (N, ny, nx)."""

    def __init__(self, shape: tuple[int, ...]):
        self.shape, self._axes = shape, tuple(range(-len(shape), 0))

    def forward(self, x: Tensor) -> Tensor:
        return torch.fft.fftn(torch.complex(x[:, 0], x[:, 1]), dim=self._axes)

    def backward(self, y: Tensor) -> Tensor:
        x = torch.fft.ifftn(y, dim=self._axes)
        return torch.stack((x.real, x.imag), 1)

    def dot(self, a: Tensor, b: Tensor) -> Tensor:
        return (a.real * b.real + a.imag * b.imag).flatten(1).sum(1) / prod(self.shape)


class Torus:
    """A periodic box with `points` along each of its axes; coordinates from −length/2.

    Axes are (y, x), as images are; `lengths` in the same order.
    """

    def __init__(self, points: tuple[int, ...], lengths: tuple[float, ...]):
        if any(n < 4 for n in points) or any(not 0 < length < float("inf") for length in lengths):
            raise ValueError(f"a grid of {points} points on {lengths} must have 4 points or more an axis, lengths > 0.")
        self.points, self.lengths = points, lengths
        self.spacings = tuple(length / n for n, length in zip(points, lengths, strict=True))
        self.cell = prod(self.spacings)  # the volume of one grid point
        self.real, self.complex = RealFourier(points), ComplexFourier(points)

    def coordinates(self) -> tuple[Tensor, ...]:
        """One tensor an axis, each broadcastable to `points`."""
        return self._spread(
            [
                torch.arange(n, dtype=torch.float64) * h - length / 2
                for n, h, length in zip(self.points, self.spacings, self.lengths, strict=True)
            ]
        )

    def wave_numbers(self, half: bool = True) -> tuple[Tensor, ...]:
        """k along each axis, broadcastable to the spectra of `real` (half) or `complex`."""
        axes = []
        for i, (n, h) in enumerate(zip(self.points, self.spacings, strict=True)):
            frequencies = torch.fft.rfftfreq if half and i == len(self.points) - 1 else torch.fft.fftfreq
            axes.append(2 * pi * frequencies(n, h, dtype=torch.float64))
        return self._spread(axes)

    def minus_laplacian(self, kind: str = "spectral", half: bool = True) -> Tensor:
        """The eigenvalues of −Δ. "spectral": k²; "stencil": of the second differences, Σ (2 − 2 cos kh)/h²."""
        if kind not in ("spectral", "stencil"):
            raise ValueError(f"laplacian = {kind!r} must be 'spectral' or 'stencil'.")
        numbers = self.wave_numbers(half)
        if kind == "spectral":
            return sum((k * k for k in numbers), torch.zeros((), dtype=torch.float64))
        return sum((2 - 2 * torch.cos(k * h)) / h**2 for k, h in zip(numbers, self.spacings, strict=True))

    @staticmethod
    def _spread(axes: list[Tensor]) -> tuple[Tensor, ...]:
        count = len(axes)
        return tuple(axis.reshape(*[-1 if i == j else 1 for j in range(count)]) for i, axis in enumerate(axes))


class MinusLaplacian:
    """The mobility of the H⁻¹ metric for states of grid values: M = −Δ/cell, whose flow keeps the mean.

    It is divided by the cell because the gradient with respect to grid values is the cell times the functional
    derivative.
    """

    def __init__(self, torus: Torus, kind: str = "spectral"):
        self._transform, self._cell = torus.real, torus.cell
        self._eigenvalues = torus.minus_laplacian(kind)

    def _times(self, v: Tensor, symbol: Tensor) -> Tensor:
        return self._transform.backward(self._transform.forward(v) * symbol.to(v))

    def apply(self, v: Tensor, t: float) -> Tensor:
        return self._times(v, self._eigenvalues / self._cell)

    def root(self, v: Tensor, t: float) -> Tensor:
        return self._times(v, (self._eigenvalues / self._cell).sqrt())
