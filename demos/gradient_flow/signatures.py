"""What a caller's function can be called with, found without calling it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from torch import Tensor
from torch.nn import Module


class WithoutTime:
    """A function written as f(x), as f(x, t). A class, so that flows can be pickled."""

    def __init__(self, function: Callable[[Tensor], Tensor]):
        self.function = function

    def __call__(self, x: Tensor, t: float = 0.0) -> Tensor:
        return self.function(x)


def of_x_and_t(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """The function as f(x, t), also where it was written as f(x)."""
    return function if takes(function, 2) else WithoutTime(function)


def signature(function: Callable) -> inspect.Signature:
    """What a function takes; a torch module is called through its `forward`. Raises ValueError where none is known."""
    return inspect.signature(function.forward if isinstance(function, Module) else function)


def takes(function: Any, arguments: int) -> bool:
    """Whether it can be called with so many arguments; True also for a builtin whose signature is not known."""
    if not callable(function):
        return False
    try:
        signature(function).bind(*[None] * arguments)
    except TypeError:
        return False
    except ValueError:
        pass
    return True


def may_depend_on_time(function: Callable | None) -> bool:
    """Whether it cannot be called without t, or has no known signature: then its value may change with t."""
    if function is None:
        return False
    try:
        known = signature(function)
        known.bind(None)
    except (TypeError, ValueError):
        return True
    return any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in known.parameters.values())
