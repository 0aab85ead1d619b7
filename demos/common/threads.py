"""One thread for a run: sums in another order have other last bits, so the same config would give other bytes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

_lock = threading.Lock()
_inside, _before = 0, 1


@contextmanager
def one_thread() -> Iterator[None]:
    """torch works on one thread within, and on as many as before when the last of nested or concurrent uses ends."""
    global _inside, _before
    with _lock:
        if _inside == 0:
            _before = torch.get_num_threads()
            torch.set_num_threads(1)
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0:
                torch.set_num_threads(_before)
