"""The arguments that a caller's function takes, found from its signature."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from torch import Tensor
from torch.nn import Module


class WithoutTime:
    """A function f(x) as a function of (x, t). It is a class so that flows can be pickled."""

    def __init__(self, function: Callable[[Tensor], Tensor]):
        self.function = function

    def __call__(self, x: Tensor, t: float = 0.0) -> Tensor:
        return self.function(x)


def of_x_and_t(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """The function as f(x, t); one that takes x alone is wrapped."""
    return function if takes(function, 2) else WithoutTime(function)


def signature(function: Callable) -> inspect.Signature:
    """The signature of a function; of a torch module, that of `forward`. Raises ValueError if it is not known."""
    return inspect.signature(function.forward if isinstance(function, Module) else function)


def takes(function: Any, arguments: int) -> bool:
    """Whether the function can be called with so many positional arguments; True if its signature is not known."""
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
    """Whether the function requires t, or has no known signature: its value may then depend on time."""
    if function is None:
        return False
    try:
        known = signature(function)
        known.bind(None)
    except (TypeError, ValueError):
        return True
    return any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in known.parameters.values())
