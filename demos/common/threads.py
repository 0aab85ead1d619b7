"""One thread for a run: sums in another order have other last bits, so the same config would give other bytes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

_lock = threading.Lock()
_inside = 0  # runs of all threads
_before = 1  # torch's threads when the first of them began
_own = threading.local()


@contextmanager
def one_thread() -> Iterator[None]:
    """torch works on one thread within, and on as many as before after the last of nested or concurrent uses.

    torch keeps the number for each thread that calls it, and one for threads that are yet to call it.
    """
    global _inside, _before
    depth = _own.depth = getattr(_own, "depth", 0) + 1
    with _lock:
        if _inside == 0:
            _before = torch.get_num_threads()
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
