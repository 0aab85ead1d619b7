"""Memory that was freed goes back to the system: a process that serves many visitors for days must not only grow.

glibc keeps what was freed, in an arena of its own for almost every thread, and Streamlit runs each page in a thread;
after the first large array that it was given back, it keeps arrays as large among all else, where gaps are of no use.
tests/benchmarks/bench_memory.py measures. Elsewhere than on glibc nothing is done.
"""

from __future__ import annotations

import ctypes
import threading
import time

ARENAS, TRIM_EVERY = 2, 2.0  # arenas of the process; seconds between two walks through them (some ms each)
LARGE = 1 << 20  # bytes: what is as large has pages of its own, which go back to the system at once
M_ARENA_MAX, M_MMAP_THRESHOLD = -8, -3  # of <malloc.h>

_lock, _last = threading.Lock(), -TRIM_EVERY


def _libc() -> ctypes.CDLL | None:
    try:
        libc = ctypes.CDLL(None)
        return libc if hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim") else None
    except (OSError, TypeError):  # Windows has no library of that name
        return None


_LIBC = _libc()


def few_arenas() -> None:
    """Few arenas from now on, and none for what is large; once, before threads have made their own."""
    if _LIBC is not None:
        _LIBC.mallopt(M_ARENA_MAX, ARENAS)
        _LIBC.mallopt(M_MMAP_THRESHOLD, LARGE)


def give_back() -> None:
    """Free memory to the system, at most every two seconds."""
    global _last
    with _lock:
        if _LIBC is None or time.monotonic() - _last < TRIM_EVERY:
            return
        _last = time.monotonic()
    _LIBC.malloc_trim(0)
