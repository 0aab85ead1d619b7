"""What a caller's function can be called with, found without calling it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from torch.nn import Module


def signature(function: Callable) -> inspect.Signature:
    """What a function takes; a torch module is called through its `forward`. ValueError where it does not tell."""
    return inspect.signature(function.forward if isinstance(function, Module) else function)


def takes(function: Any, arguments: int) -> bool:
    """Whether it can be called with so many arguments, as far as it tells: a builtin may not."""
    if not callable(function):
        return False
    try:
        signature(function).bind(*[None] * arguments)
    except TypeError:
        return False
    except ValueError:
        pass
    return True
