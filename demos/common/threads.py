"""Limits a run to one thread, so that the same config gives the same bytes on every machine.

The number of threads changes the order of sums and with it their last bits. Measured over all scenes with one and two
threads: torch's threads change pictures (score networks, Deep Ritz), and those of OpenBLAS, which NumPy and SciPy call,
change checks (quadrature by matrix products).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import scipy.linalg  # noqa: F401 - NumPy and SciPy each have a BLAS: both must be loaded before `_blas` looks for them
import torch
from threadpoolctl import ThreadpoolController

_lock = threading.Lock()
_inside = 0  # `one_thread` contexts that are open, in all threads
_torch_before = 1  # torch's number of threads when the first of them was opened
_blas_limit: Any = None  # restores BLAS's number of threads at that time
_own = threading.local()


@cache
def _blas() -> ThreadpoolController:
    """The BLAS libraries of this process."""
    return ThreadpoolController().select(user_api="blas")


@contextmanager
def one_thread() -> Iterator[None]:
    """A context in which torch and BLAS use one thread. It may be nested, and open in several threads at once.

    torch's number of threads is a setting of each calling thread: it is restored when the thread's outermost context
    closes. BLAS has one number for the whole process: it is restored when the last context of all threads closes.
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
