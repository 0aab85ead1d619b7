"""One thread for a run: sums in another order have other last bits, so the same config would give other bytes.

Seen over all scenes with one and two threads: torch's threads change pictures (score networks, Deep Ritz), and those of
OpenBLAS, which NumPy and SciPy call, change checks (quadrature by matrix products).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import scipy.linalg  # noqa: F401 - SciPy's own BLAS is loaded with it, and can be told its number of threads then
import torch
from threadpoolctl import ThreadpoolController

_lock = threading.Lock()
_inside = 0  # uses under way, in all threads
_before = 1  # torch's threads when the first of them began
_blas = None  # what gives BLAS its threads back
_own = threading.local()


@cache
def _libraries() -> ThreadpoolController:
    """The BLAS libraries of this process. Finding them takes milliseconds, telling them their threads microseconds."""
    return ThreadpoolController().select(user_api="blas")


@contextmanager
def one_thread() -> Iterator[None]:
    """torch and BLAS work on one thread within, on as many as before after the last of nested or concurrent uses.

    torch keeps the number for each thread that calls it, and one for threads that are yet to call it; BLAS keeps one
    for the process.
    """
    global _inside, _before, _blas
    depth = _own.depth = getattr(_own, "depth", 0) + 1
    with _lock:
        if _inside == 0:
            _before, _blas = torch.get_num_threads(), _libraries().limit(limits=1)
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
                torch.set_num_threads(_before)
            if _inside == 0 and _blas is not None:
                _blas.restore_original_limits()
                _blas = None
