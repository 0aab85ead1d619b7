"""Checks of what the parts of a flow return: a gradient like x, one energy for each replica, a Hessian."""

from __future__ import annotations

from math import isfinite, prod
from numbers import Real
from typing import Any, TypeGuard

import torch
from torch import Tensor


def checked_like(name: str, given: Any, x: Tensor) -> Tensor:
    """`given`, if it is a tensor of the shape, dtype and device of x; raises ValueError naming it otherwise."""
    if not isinstance(given, Tensor) or (given.shape, given.dtype, given.device) != (x.shape, x.dtype, x.device):
        raise ValueError(f"{name} is {kind(given)}; it must be like x, {kind(x)}.")
    return given


def checked_energies(given: Any, x: Tensor) -> Tensor:
    """`given`, if it is one real number for each replica of x (N, ...); raises ValueError otherwise."""
    if not isinstance(given, Tensor) or given.shape != x.shape[:1] or not given.is_floating_point():
        raise ValueError(
            f"energy(x, t) is {kind(given)}; it must be one number for each of the {len(x)} replicas: "
            f"a floating-point tensor of shape ({len(x)},)."
        )
    return given


def checked_hessian(given: Any, x: Tensor) -> Tensor:
    """`given`, if it is one matrix over the D flattened coordinates of each replica; raises ValueError otherwise."""
    count, size = len(x), prod(x.shape[1:])
    if not isinstance(given, Tensor) or given.shape != (count, size, size) or given.dtype != x.dtype:
        raise ValueError(
            f"hessian(x, t) is {kind(given)}; it must be one matrix for each of the {count} replicas, "
            f"{str(x.dtype).removeprefix('torch.')} ({count}, {size}, {size})."
        )
    return given


def check_left_alone(name: str, before: Tensor, x: Tensor) -> None:
    """Raise ValueError if a function of x has changed x."""
    if not torch.equal(before.nan_to_num(), x.nan_to_num()):
        raise ValueError(writes_into_x(name))


def writes_into_x(name: str) -> str:
    return f"{name}(x, t) writes into x, where the states of the run are; it must leave x as it is."


def described(value: Any) -> str:
    """A value in an error message: the numbers of a small tensor, the kind of anything else."""
    return str(value.tolist()) if isinstance(value, Tensor) and value.numel() <= 4 else kind(value)


def kind(value: Any) -> str:
    """The kind of a value for an error message: "float32 (10, 2)" for a tensor."""
    if isinstance(value, Tensor):
        return f"{value.dtype} {tuple(value.shape)}".removeprefix("torch.")
    return " ".join(repr(value).split())[:60]


def is_number(value: object) -> TypeGuard[float]:
    """Whether the value is a finite real number, of Python or NumPy; booleans are not."""
    return isinstance(value, Real) and not isinstance(value, bool) and isfinite(value)
