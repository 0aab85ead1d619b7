"""Progress reports and cooperative cancellation of long computations.

A long function takes a callback `progress` and calls it with the finished fraction. The callback may stop the function
by raising or by returning False. A function of n parts passes `part(progress, i, n)` to its i-th part. Code inside a
function wrapped by `cancellable` may call `checkpoint()` instead of passing `progress` through every call.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import Any, TypeVar, cast

import numpy as np

Progress = Callable[[float], "bool | None"]
"""Called with the finished fraction in [0, 1]; may raise, or return False, to stop the work."""

BLOCK = 2**27  # multiplications between two checkpoints of `matmul`: about 10 ms

_current: ContextVar[Callable[[], Any] | None] = ContextVar("checkpoint", default=None)
_F = TypeVar("_F", bound=Callable)


class Cancelled(Exception):  # noqa: N818 - not an error: the caller asked for it
    """Raised inside work whose progress callback returned False."""


def says_stop(answer: Any) -> bool:
    """Whether the answer of a progress callback stops the work: Python's False or NumPy's, not None."""
    return isinstance(answer, bool | np.bool_) and not answer


def part(progress: Progress | None, index: float, count: float, share: float = 1.0) -> Progress | None:
    """The progress callback of a part of the work: it maps [0, 1] to [index, index + share] / count.

    None if `progress` is None.
    """
    if progress is None:
        return None
    return lambda done: progress((index + share * done) / count)


def checkpoint() -> None:
    """A cancellation point: call it every few milliseconds. Raises what the progress callback of the enclosing
    `cancellable` function raises, or `Cancelled` if it returns False. Does nothing outside of such functions."""
    current = _current.get()
    if current is not None:
        current()


def cancellable(run: _F) -> _F:
    """Decorate `run(config, progress=None, ...)` so that each `checkpoint()` inside repeats the last progress report.

    Raises `Cancelled` if `progress` returns False.
    """

    @wraps(run)
    def wrapped(config: Any, progress: Progress | None = None, *rest: Any, **named: Any) -> Any:
        if progress is None:
            return run(config, progress, *rest, **named)
        last = 0.0

        def report(done: float) -> None:
            nonlocal last
            last = done
            if says_stop(progress(done)):
                raise Cancelled

        token = _current.set(lambda: report(last))
        try:
            return run(config, report, *rest, **named)
        finally:
            _current.reset(token)

    return cast(_F, wrapped)


def matmul(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a @ b for matrices (n, k) and (k, m), a block of rows at a time with a checkpoint before each."""
    rows = max(1, BLOCK // max(1, b.size))
    out = np.empty((len(a), b.shape[1]), np.result_type(a, b))
    for first in range(0, len(a), rows):
        checkpoint()
        np.matmul(a[first : first + rows], b, out=out[first : first + rows])
    return out
