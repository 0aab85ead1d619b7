"""Rodas3: a linearly implicit method of order 3. A step solves four linear systems with one matrix; the matrix of a
chain, whose coordinates pull at their neighbours alone, has a band."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

import numpy as np
import torch
from scipy.linalg import get_lapack_funcs
from torch import Tensor

from demos.gradient_flow.control import no_step
from demos.gradient_flow.method import Method, Option, Order
from demos.gradient_flow.methods.dense import MOST_COORDINATES, check_small
from demos.gradient_flow.methods.hermite import HermiteStepper
from demos.gradient_flow.problem import Problem

FACTOR, SOLVE = get_lapack_funcs(("gbtrf", "gbtrs"), dtype=np.float64)  # of banded matrices
GAMMA = 0.5
# Sandu et al., Atmos. Environ. 31 (1997) 3459, in the form that multiplies no vector by the Jacobian:
# (1/(γh) − J) Kᵢ = F(t + αᵢ h, x + Σ aᵢⱼ Kⱼ) + Σ cᵢⱼ Kⱼ/h + gᵢ h ∂F/∂t,  x' = x + 2 K₁ + K₃ + K₄, error K₄
A = ((), (0.0,), (2.0, 0.0), (2.0, 0.0, 1.0))
C = ((), (4.0,), (1.0, -1.0), (1.0, -1.0, -8 / 3))
ALPHA, G = (0.0, 0.0, 1.0, 1.0), (0.5, 1.5, 0.0, 0.0)


class Rodas3(HermiteStepper):
    """Adaptive steps; the Jacobian by differences, as many as its band is wide. Replicas are blocks of one matrix."""

    def __init__(self, problem: Problem, x: Tensor, t0: float, t1: float):
        self._size = x[0].numel()
        band = problem.options["band"]
        if band is None:
            check_small("rodas3", x, "its matrix is dense without a band")
        self._band = self._size - 1 if band is None else min(band, self._size - 1)
        super().__init__(problem, x, t0, t1)

    def advance(self) -> str | None:
        jacobian, drift = self._jacobian(), self._drift()
        while True:
            if not np.isfinite(jacobian).all():
                return f"the gradient is not finite at t = {self.t:.4g}"
            h = self._control.next(self.t, self._t1)
            if h is None:
                return no_step(self.t, self._velocity)
            t1 = self._t1 if self._control.at_end else self.t + h
            y, without = self._stages(jacobian, drift, h)
            y, without = self._problem.retracted(y), self._problem.retracted(without)
            error = self._norm(y - without, self.x, y)
            velocity = self._field(y, t1) if error <= 1 else self._velocity
            if not torch.isfinite(velocity).all():  # over an edge of where the flow is defined
                error = nan
            if self._control.accepts(error):
                break
        self._remember(h)
        self.t, self.x, self._velocity = t1, y, velocity
        return None

    def _stages(self, jacobian: np.ndarray, drift: Tensor, h: float) -> tuple[Tensor, Tensor]:
        """Where the step leads, and where the method of order 2 inside it does."""
        solver = _Solver(jacobian, self._band, 1 / (GAMMA * h), self._size)
        k: list[Tensor] = []
        for a, c, alpha, g in zip(A, C, ALPHA, G, strict=True):
            fresh = any(a)  # the first two stages ask at the start of the step
            place = _sum(self.x, a, k) if fresh else self.x
            right = self._field(place, self.t + alpha * h) if fresh else self._velocity
            right = _sum(right, [factor / h for factor in c], k) + (g * h) * drift
            k.append(self._like(solver(self._numbers(right))))
        return place + k[3], place

    def _jacobian(self) -> np.ndarray:
        """∂F/∂x in LAPACK's packing, (3 band + 1, N D): rows 0 to band − 1 are its own room. Coordinates that are
        further apart than the band are moved at once: none of them feels two."""
        band, size, count = self._band, self._size, len(self.x)
        flat = self.x.reshape(count, size)
        steps = torch.finfo(self.x.dtype).eps ** 0.5 * (1 + flat.abs())
        sizes = self._numbers(steps).reshape(count, size)
        packed = np.zeros((3 * band + 1, count, size))
        stride = 2 * band + 1
        for first in range(min(stride, size)):
            moved = flat.clone()
            moved[:, first::stride] += steps[:, first::stride]
            change = self._field(moved.reshape(self.x.shape), self.t) - self._velocity
            change = self._numbers(change).reshape(count, size)
            for apart in range(-band, band + 1):  # of the row from the column
                start = first if first + apart >= 0 else first + stride
                columns, rows = slice(start, size - max(apart, 0), stride), slice(start + apart, size, stride)
                if start < columns.stop:
                    wide = sizes[:, columns]
                    packed[2 * band + apart, :, columns] = change[:, rows][:, : wide.shape[1]] / wide
        return packed.reshape(3 * band + 1, count * size)

    def _drift(self) -> Tensor:
        """∂F/∂t"""
        step = torch.finfo(self.x.dtype).eps ** 0.5 * (self._t1 - self.t)
        return (self._field(self.x, self.t + step) - self._velocity) / step

    def _numbers(self, x: Tensor) -> np.ndarray:
        return x.detach().to("cpu", torch.float64).numpy().reshape(-1)

    def _like(self, flat: np.ndarray) -> Tensor:
        return torch.from_numpy(flat).to(self.x).reshape(self.x.shape)


class _Solver:
    """(shift − J)⁻¹ of blocks of `size`, factored once.

    A step so long that the shift is below a rate at which something grows would lead to the other side of infinity.
    Such a step is refused, as is one whose matrix is singular.
    """

    def __init__(self, jacobian: np.ndarray, band: int, shift: float, size: int):
        matrix = -jacobian
        matrix[2 * band] += shift
        self._band = band
        self._refused = not _is_positive(matrix if shift > 0 else -matrix, band, size)  # < 0: time runs backwards
        if not self._refused:
            self._factors, self._pivots, singular = FACTOR(matrix, band, band)
            self._refused = singular != 0

    def __call__(self, right: np.ndarray) -> np.ndarray:
        """Not a number where the step is refused."""
        if self._refused or not np.isfinite(right).all():
            return np.full_like(right, np.nan)
        return SOLVE(self._factors, self._band, self._band, right, self._pivots)[0]


def _is_positive(matrix: np.ndarray, band: int, size: int) -> bool:
    """Whether all leading minors of each block, packed as in `Rodas3._jacobian`, are positive.

    The matrix of a gradient flow with a diagonal mobility is a positive diagonal one times a symmetric one, whose
    eigenvalues are positive exactly then (Sylvester). A column whose diagonal outweighs the rest settles it at once.
    """
    diagonal = matrix[2 * band]
    if (2 * diagonal > np.abs(matrix).sum(0)).all():
        return True
    if (diagonal <= 0).any():
        return False
    count = matrix.shape[1] // size
    packed, blocks = matrix.reshape(-1, count, size), np.zeros((count, size, size))
    for apart in range(-band, band + 1):  # of the row from the column
        columns = np.arange(max(0, -apart), min(size, size - apart))
        blocks[:, columns + apart, columns] = packed[2 * band + apart][:, columns]
    for k in range(size):  # elimination without exchanges: its pivots are ratios of minors
        pivot = blocks[:, k, k]
        if not (pivot > 0).all():
            return False
        rest = slice(k + 1, k + 1 + band)
        blocks[:, rest, rest] -= blocks[:, rest, k, None] * (blocks[:, k, None, rest] / pivot[:, None, None])
    return True


def _sum(start: Tensor, factors: Sequence[float], vectors: Sequence[Tensor]) -> Tensor:
    """start + Σ fᵢ vᵢ"""
    total = start.clone()
    for factor, vector in zip(factors, vectors, strict=True):
        if factor:
            total.add_(vector, alpha=factor)
    return total


RODAS3 = Method(
    name="rodas3",
    label="Rodas3 (linearly implicit)",
    family="implicit",
    formula=r"\left(\tfrac{1}{\gamma h} - J\right) K_i = F(Y_i) + \tfrac1h\textstyle\sum_j c_{ij} K_j",
    paper="Sandu, Verwer, Blom, Spee, Carmichael & Potra, Atmos. Environ. 31 (1997) 3459",
    order=Order(deterministic=3),
    adaptive=Rodas3,
    evaluations=None,
    options={
        "band": Option(None, 0, MOST_COORDINATES, "how many neighbours on either side a coordinate feels", whole=True)
    },
)
