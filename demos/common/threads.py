"""One thread for a run: sums in another order have other last bits, so the same config would give other bytes.

Seen over all scenes with one and two threads: torch's threads change pictures (score networks, Deep Ritz), and those of
OpenBLAS, which NumPy and SciPy call, change checks (quadrature by matrix products).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import scipy.linalg  # noqa: F401 - NumPy and SciPy bring a BLAS each: both are loaded before `_blas` looks for them
import torch
from threadpoolctl import ThreadpoolController

_lock = threading.Lock()
_inside = 0  # runs of all threads
_torch_before = 1  # torch's threads when the first of them began
_blas_limit: Any = None  # restores BLAS's threads as they were then
_own = threading.local()


@cache
def _blas() -> ThreadpoolController:
    """The BLAS libraries of this process."""
    return ThreadpoolController().select(user_api="blas")


@contextmanager
def one_thread() -> Iterator[None]:
    """torch and BLAS work on one thread within, and on as many as before after the last of nested or concurrent uses.

    torch keeps the number for each thread that calls it, and one for threads that are yet to call it; BLAS has one
    number for the whole process.
    """
    global _inside, _torch_before, _blas_limit
    depth = _own.depth = getattr(_own, "depth", 0) + 1
    with _lock:
        if _inside == 0:
            _torch_before = torch.get_num_threads()
            _blas_limit = _blas().limit(limits=1)
        _inside += 1
        if depth == 1:
            torch.set_num_threads(1)
    try:
        yield
    finally:
        with _lock:
            _own.depth -= 1
            _inside -= 1
            if depth == 1:
                torch.set_num_threads(_torch_before)
            if _inside == 0:
                _blas_limit.restore_original_limits()
