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
    """The function as f(x, t); one that is not given the time is wrapped."""
    return function if takes_time(function) else WithoutTime(function)


def takes_time(function: Callable) -> bool:
    """Whether a function of x is to be given t, too: it requires a second argument, or has one called t, or takes any
    number of them. A default under another name is the caller's own, as in `lambda x, k=k: k * x`.

    A function whose signature is not known takes x alone, unless it is one of torch.jit, which has a schema.
    """
    if not takes(function, 2):
        return False
    try:
        parameters = signature(function).parameters.values()
    except (TypeError, ValueError):
        schema = getattr(getattr(function, "forward", function), "schema", None)
        return schema is not None and sum(argument.name != "self" for argument in schema.arguments) > 1
    ordered = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return len(ordered) < 2 or ordered[1].default is ordered[1].empty or ordered[1].name == "t"


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


def has_methods(value: Any, *names: str) -> bool:
    """Whether the value has callable attributes of these names.

    From Python 3.12 on, `isinstance` with a protocol says no where `__getattr__` finds them, as it does in wrappers.
    """
    return all(callable(getattr(value, name, None)) for name in names)


def may_depend_on_time(function: Callable | None) -> bool:
    """Whether the value of a function may depend on time: it requires t, or takes any number of arguments."""
    if function is None or not takes_time(function):
        return False
    try:
        known = signature(function)
        known.bind(None)
    except (TypeError, ValueError):
        return True
    return any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in known.parameters.values())
