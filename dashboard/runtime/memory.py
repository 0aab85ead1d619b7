"""Memory that was freed goes back to the system: a process that serves many visitors for days must not only grow.

glibc keeps what was freed, in an arena of its own for almost every thread, and Streamlit runs each page in a thread;
after the first large array that it was given back, it keeps arrays as large among all else, where gaps are of no use.
tests/benchmarks/bench_memory.py measures. Elsewhere than on glibc nothing is done.
"""

from __future__ import annotations

import ctypes
import mmap
import threading
import time
from pathlib import Path

ARENAS, TRIM_EVERY = 2, 2.0  # arenas of the process; seconds between two walks through them (some ms each)
GREW, TRIM_SOON = 24 << 20, 0.2  # bytes that make a walk worth while sooner, and how soon at most
LARGE = 1 << 20  # bytes: what is as large has pages of its own, which go back to the system at once
M_ARENA_MAX, M_MMAP_THRESHOLD = -8, -3  # of <malloc.h>

_lock, _last, _least = threading.Lock(), -TRIM_EVERY, 0


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
    """Free memory to the system: at most every two seconds, or sooner where the process has grown since.

    Cheap enough to be called every 20 ms within long work: what it frees leaves gaps, which count as memory, and in
    runs of half a second they were more than all that these held.
    """
    global _last, _least
    if _LIBC is None:
        return
    with _lock:
        age, now = time.monotonic() - _last, _own()
        _least = min(_least, now)
        if age < TRIM_SOON or (age < TRIM_EVERY and now - _least < GREW):
            return
        _last = time.monotonic()
        _LIBC.malloc_trim(0)
        _least = _own()


def _own() -> int:
    """Bytes of the process that are of no file; 0 where the system does not say."""
    try:
        _, resident, shared, *_ = Path("/proc/self/statm").read_text().split()
        return (int(resident) - int(shared)) * mmap.PAGESIZE
    except (OSError, ValueError):
        return 0
