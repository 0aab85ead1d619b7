"""Returns freed memory to the operating system, so that a process that serves visitors for days does not only grow.

By default glibc keeps freed memory for two reasons. It has a separate arena for almost every thread, and Streamlit runs
each page in a thread. And when a large array is freed, glibc raises its threshold for separate mappings: later arrays
of that size lie in the heap, where the gaps that they leave are hard to use again. tests/benchmarks/bench_memory.py
measures the effect. Without glibc these functions do nothing.
"""

from __future__ import annotations

import ctypes
import mmap
import threading
import time
from pathlib import Path

ARENAS, TRIM_EVERY = 2, 2.0  # arenas of the process; seconds between two calls of malloc_trim (some ms each)
GREW, TRIM_SOON = 24 << 20, 0.2  # after growth by so many bytes, so many seconds between two calls are enough
LARGE = 1 << 20  # bytes: an array this large has a mapping of its own, which is returned as soon as it is freed
M_ARENA_MAX, M_MMAP_THRESHOLD = -8, -3  # constants of <malloc.h>

_lock, _last, _least = threading.Lock(), -TRIM_EVERY, 0


def _libc() -> ctypes.CDLL | None:
    try:
        libc = ctypes.CDLL(None)
        return libc if hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim") else None
    except (OSError, TypeError):  # Windows has no library of that name
        return None


_LIBC = _libc()


def few_arenas() -> None:
    """Limit the number of arenas and fix the size above which arrays have their own mapping.

    Call it once, before other threads have created their arenas.
    """
    if _LIBC is not None:
        _LIBC.mallopt(M_ARENA_MAX, ARENAS)
        _LIBC.mallopt(M_MMAP_THRESHOLD, LARGE)


def give_back() -> None:
    """Return freed memory to the system: at most every two seconds, or 0.2 s once the process has grown by 24 MiB.

    It may be called every 20 ms. Long work should call it, because freed gaps count as memory of the process: in runs
    of half a second the gaps were larger than all live arrays together.
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
    """The resident bytes of the process that are not file mappings; 0 where the system does not report them."""
    try:
        _, resident, shared, *_ = Path("/proc/self/statm").read_text().split()
        return (int(resident) - int(shared)) * mmap.PAGESIZE
    except (OSError, ValueError):
        return 0
