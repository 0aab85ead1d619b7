"""What every demo's `run`, and every study, is wrapped in: it can be cancelled at each checkpoint, and gives the same
bytes whatever the number of threads of the machine.

What is computed outside of both and kept keeps to one thread by itself: `demos.diffusion.learned.train_on`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from demos.common.progress import cancellable
from demos.common.threads import one_thread

_F = TypeVar("_F", bound=Callable)


def demo_run(run: _F) -> _F:
    """`run(config, progress=None, ...)` of a demo or of a study: see `cancellable` and `one_thread`."""
    inner = cancellable(run)

    @wraps(run)
    def wrapped(*arguments: Any, **named: Any) -> Any:
        with one_thread():
            return inner(*arguments, **named)

    return cast(_F, wrapped)
