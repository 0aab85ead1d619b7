"""The mobility M of a flow, a symmetric positive operator; the identity by default."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real
from typing import Protocol, cast

import torch
from torch import Tensor

from demos.gradient_flow.shapes import described, is_number, kind
from demos.gradient_flow.signatures import has_methods, takes


class Mobility(Protocol):
    """A symmetric positive operator, constant in x. Noise needs its root: √(2TM) dW."""

    def apply(self, v: Tensor, t: float) -> Tensor:
        """M v, same shape as v (N, ...)."""
        ...

    def root(self, v: Tensor, t: float) -> Tensor:
        """√M v, same shape as v."""
        ...


class Diagonal:
    """Multiplication by a number or by a tensor, coordinate by coordinate; either may be a function of t."""

    def __init__(self, scale: float | Tensor | Callable[[float], float | Tensor]):
        """Raises ValueError unless the scale is a number > 0, a tensor of such numbers, or a function of t."""
        if isinstance(scale, Tensor):
            if not scale.is_floating_point() or not bool((torch.isfinite(scale) & (scale > 0)).all()):
                raise ValueError(f"mobility = {described(scale)} must hold finite numbers > 0 only.")
            scale = scale.detach()
        elif not takes(scale, 1):
            if not (is_number(scale) and scale > 0):
                raise ValueError(f"mobility = {kind(scale)} must be a finite number > 0.")
            scale = float(scale)
        self._schedule = cast("Callable[[float], float | Tensor]", scale) if callable(scale) else None
        self._constant = cast("float | Tensor", scale)  # not used if there is a schedule

    def _at(self, v: Tensor, t: float) -> float | Tensor:
        """M(t), so that it can be multiplied with v. Raises ValueError if a function of t does not give numbers ≥ 0."""
        scale = self._constant
        if self._schedule is not None:
            scale = self._schedule(t)
            if not _is_nonnegative(scale):
                words = "must be a finite number ≥ 0, or a tensor of them."
                raise ValueError(f"mobility({t:g}) = {described(scale)} {words}")
        return scale.to(v) if isinstance(scale, Tensor) else scale

    def apply(self, v: Tensor, t: float) -> Tensor:
        return v * self._at(v, t)

    def root(self, v: Tensor, t: float) -> Tensor:
        return v * self._at(v, t) ** 0.5


def _is_nonnegative(scale: object) -> bool:
    if isinstance(scale, Tensor):
        return not scale.is_complex() and bool((torch.isfinite(scale) & (scale >= 0)).all())
    return is_number(scale) and scale >= 0


class Matrix:
    """Multiplication of states (N, d) by a symmetric positive (d, d) matrix."""

    def __init__(self, matrix: Tensor):
        square = isinstance(matrix, Tensor) and matrix.ndim == 2 and len(matrix) == matrix.shape[1] > 0
        if not square or not matrix.is_floating_point() or not torch.isfinite(matrix).all():
            found = tuple(matrix.shape) if isinstance(matrix, Tensor) else type(matrix).__name__
            raise ValueError(f"mobility = {found} must be a (d, d) floating-point tensor of finite numbers.")
        matrix = matrix.detach()
        if matrix.dtype not in (torch.float32, torch.float64):
            matrix = matrix.double()  # torch has no eigenvalues in half precision
        values, vectors = torch.linalg.eigh(matrix)
        if not torch.allclose(matrix, matrix.T) or values[0] <= 0:
            raise ValueError(f"mobility = {matrix.tolist()} must be symmetric and positive definite.")
        self._matrix = matrix
        self._root = (vectors * values.sqrt()) @ vectors.T

    def apply(self, v: Tensor, t: float) -> Tensor:
        return v @ self._matrix.to(v)

    def root(self, v: Tensor, t: float) -> Tensor:
        return v @ self._root.to(v)


def as_mobility(given: object) -> Mobility | None:
    """`given` as a `Mobility`, or None for the identity; a number, tensor or function of t becomes `Diagonal`.

    Raises ValueError for anything else.
    """
    if given is None or (isinstance(given, Real) and not isinstance(given, bool) and given == 1):
        return None
    if has_methods(given, "apply", "root"):
        return cast("Mobility", given)
    if isinstance(given, Tensor) or (isinstance(given, Real) and not isinstance(given, bool)) or takes(given, 1):
        return Diagonal(cast("float | Tensor | Callable[[float], float | Tensor]", given))
    raise ValueError(
        f"mobility = {kind(given)} must be a number, a tensor that multiplies each coordinate, a function of "
        "t, or an object with apply and root."
    )
