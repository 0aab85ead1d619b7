"""The decorator of every demo's `run` and of every study.

It makes the function cancellable at each checkpoint, and limits it to one thread so that its result does not depend on
the machine's number of threads. Cached computations outside of runs and studies (`demos.diffusion.learned.train_on`)
have to limit themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from demos.common.progress import cancellable
from demos.common.threads import one_thread

_F = TypeVar("_F", bound=Callable)


def demo_run(run: _F) -> _F:
    """Decorate `run(config, progress=None, ...)` of a demo or a study with `cancellable` and `one_thread`."""
    inner = cancellable(run)

    @wraps(run)
    def wrapped(*arguments: Any, **named: Any) -> Any:
        with one_thread():
            return inner(*arguments, **named)

    return cast(_F, wrapped)
