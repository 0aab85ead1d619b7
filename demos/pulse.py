"""How a visitor who left is noticed inside long work that has no progress of its own to tell.

`watched(run)` lets `beat()`, called from anywhere inside `run`, repeat the last progress that was told: a page raises
there when its visitor has moved on. Work that is asked from caches need so not carry a progress through every call.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import Any, TypeVar

import numpy as np

from demos.demo import Progress

BLOCK = 2**27  # products of two numbers between two beats: about 10 ms

_current: ContextVar[Callable[[], Any] | None] = ContextVar("pulse", default=None)
_F = TypeVar("_F", bound=Callable)


def beat() -> None:
    """Between two pieces of work of a few milliseconds. May raise, what the page raises."""
    pulse = _current.get()
    if pulse is not None:
        pulse()


def watched(run: _F) -> _F:
    """`run(config, progress=None, ...)`, whose progress is also called by every `beat()` inside it."""

    @wraps(run)
    def watching(config: Any, progress: Progress | None = None, *rest: Any, **named: Any) -> Any:
        if progress is None:
            return run(config, progress, *rest, **named)
        last = 0.0

        def told(done: float) -> bool | None:
            nonlocal last
            last = done
            return progress(done)

        token = _current.set(lambda: progress(last))
        try:
            return run(config, told, *rest, **named)
        finally:
            _current.reset(token)

    return watching


def product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a @ b for matrices (n, k) and (k, m), some rows at a time with a beat before each."""
    rows = max(1, BLOCK // max(1, b.size))
    out = np.empty((len(a), b.shape[1]), np.result_type(a, b))
    for first in range(0, len(a), rows):
        beat()
        np.matmul(a[first : first + rows], b, out=out[first : first + rows])
    return out
