"""Checks of what the parts of a flow return: a gradient like x, one energy for each replica, a Hessian."""

from __future__ import annotations

from math import inf, isfinite, nan, prod
from numbers import Real
from typing import Any, TypeGuard

import torch
from torch import Tensor


def checked_like(name: str, given: Any, x: Tensor, words: str = "like x, ") -> Tensor:
    """`given`, if it is a tensor of the shape, dtype and device of x; raises ValueError naming it otherwise."""
    if not isinstance(given, Tensor) or (given.shape, given.dtype, given.device) != (x.shape, x.dtype, x.device):
        raise ValueError(f"{name} is {kind(given)}; it must be {words}{kind(x)}.")
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


def nonnegative(name: str, t: float, given: Any) -> float:
    """The value of a function of time as a float. Raises ValueError unless it is a finite number ≥ 0."""
    try:
        value = float(given)
    except (TypeError, ValueError, RuntimeError, OverflowError):
        value = nan
    if not 0 <= value < inf:
        raise ValueError(f"{name}({t:g}) = {described(given)} must be a finite number ≥ 0.")
    return value


def check_left_alone(call: str, before: Tensor, after: Tensor, argument: str = "x") -> None:
    """Raise ValueError if a call, such as "gradient(x, t)", has changed one of its arguments."""
    if not torch.equal(before.nan_to_num(), after.nan_to_num()):
        raise ValueError(writes_into(call, argument))


def writes_into(call: str, argument: str = "x") -> str:
    return f"{call} writes into {argument}, which the run still needs; it must leave {argument} as it is."


def described(value: Any) -> str:
    """A value in an error message: the numbers of a small tensor, the kind of anything else."""
    return str(value.tolist()) if isinstance(value, Tensor) and value.numel() <= 4 else kind(value)


def kind(value: Any) -> str:
    """The kind of a value for an error message: "float32 (10, 2)" for a tensor."""
    if isinstance(value, Tensor):
        return f"{value.dtype} {tuple(value.shape)}".removeprefix("torch.") + (
            "" if value.ndim else " (a scalar tensor)"
        )
    try:
        return " ".join(repr(value).split())[:60]
    except ValueError:  # a whole number of more digits than Python prints
        return f"a number of type {type(value).__name__} beyond all bounds"


def is_number(value: object) -> TypeGuard[float]:
    """Whether the value is a real number, of Python or NumPy, and finite as a float; booleans are not."""
    try:
        return isinstance(value, Real) and not isinstance(value, bool) and isfinite(value)
    except OverflowError:
        return False
