"""The decorator of every demo's `run` and of every study.

It makes the function cancellable at each checkpoint, limits it to one thread so that its result does not depend on the
machine's number of threads, and switches autograd on, which a caller may have switched off: checks need it, and tensors
that were made in `torch.inference_mode` would stay in the caches. Cached computations outside of runs and studies
(`demos.diffusion.learned.train_on`) have to limit themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

import torch

from demos.common.progress import cancellable
from demos.common.threads import one_thread

_F = TypeVar("_F", bound=Callable)


def demo_run(run: _F) -> _F:
    """Decorate `run(config, progress=None, ...)` of a demo or a study: `cancellable`, in `one_thread`, autograd on."""
    inner = cancellable(run)

    @wraps(run)
    def wrapped(*arguments: Any, **named: Any) -> Any:
        with one_thread(), torch.inference_mode(False), torch.enable_grad():
            return inner(*arguments, **named)

    return cast(_F, wrapped)
