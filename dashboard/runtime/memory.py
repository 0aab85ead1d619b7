"""Returns memory to the operating system, so that a process that serves visitors for days does not only grow.

By default glibc keeps freed memory for two reasons. It has a separate arena for almost every thread, and Streamlit runs
each page in a thread. And when a large array is freed, glibc raises its threshold for separate mappings: later arrays
of that size lie in the heap, where the gaps that they leave are hard to use again. tests/benchmarks/bench_memory.py
measures the effect. Without glibc these functions do nothing.

Libraries take memory too: 150 MB of their files are mapped after the imports, and more than half of these pages were
needed only by the imports (tables of symbols and relocations, functions that register others).
"""

from __future__ import annotations

import ctypes
import gc
import mmap
import threading
import time
from pathlib import Path

ARENAS, TRIM_EVERY = 2, 2.0  # arenas of the process; seconds between two calls of malloc_trim (some ms each)
GREW, TRIM_SOON = 40 << 20, 0.2  # after growth by so many bytes, so many seconds between two calls are enough
LOOK_EVERY, GREW_AT_REST = 5.0, 1 << 20  # seconds between two looks of the background thread; bytes that it returns
# Bytes. A larger array has a mapping of its own, which is returned as soon as it is freed; and as much as KEPT of freed
# memory stays at the end of a heap until the next trim. To get a page from the system takes 2 µs: with 1 MiB and the
# default of 128 KiB a change on /langevin got 8,000, a fifth of its time.
LARGE, KEPT = 4 << 20, 32 << 20
CROWDED = 440 << 20  # bytes that are no files: with 120 MB of libraries and the peak of two runs, 690 MB are in sight
M_ARENA_MAX, M_MMAP_THRESHOLD, M_TRIM_THRESHOLD = -8, -3, -1  # constants of <malloc.h>
MADV_DONTNEED = 4  # constant of <sys/mman.h>
MAPS = Path("/proc/self/smaps")

_lock, _last, _least = threading.Lock(), -TRIM_EVERY, 0


def _libc() -> ctypes.CDLL | None:
    try:
        libc = ctypes.CDLL(None)
        return libc if hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim") else None
    except (OSError, TypeError):  # Windows has no library of that name
        return None


_LIBC = _libc()


def few_arenas() -> None:
    """Limit the number of arenas, and fix the size above which arrays have their own mapping and what a heap keeps.

    Call it once, before other threads have created their arenas.
    """
    if _LIBC is not None:
        _LIBC.mallopt(M_ARENA_MAX, ARENAS)
        _LIBC.mallopt(M_MMAP_THRESHOLD, LARGE)
        _LIBC.mallopt(M_TRIM_THRESHOLD, KEPT)


def give_back() -> None:
    """Return freed memory to the system: at most every two seconds, or 0.2 s once the process has grown by 40 MiB.

    It may be called every 20 ms. Long work should call it, because freed gaps count as memory of the process: in runs
    of half a second the gaps were larger than all live arrays together.
    """
    global _least
    if _LIBC is None:
        return
    with _lock:
        age, now = time.monotonic() - _last, _own()
        _least = min(_least, now)
        if age < TRIM_SOON or (age < TRIM_EVERY and now - _least < GREW):
            return
        _trim()


def give_back_at_rest() -> None:
    """Start a background thread that returns what was freed since the last call of `give_back`.

    Pages free memory after their work, too: when they have sent their charts, and when Streamlit forgets the session of
    a visitor who left. A server without visitors would keep that memory until the next one comes.
    """
    if _LIBC is not None:
        threading.Thread(target=_look_again_and_again, name="memory", daemon=True).start()


def _look_again_and_again() -> None:
    while True:
        time.sleep(LOOK_EVERY)
        _return_at_rest()


def _return_at_rest() -> None:
    """Collect garbage and return freed memory, if the process has grown and nobody else returned it lately."""
    with _lock:
        if time.monotonic() - _last < TRIM_EVERY or _own() - _least < GREW_AT_REST:
            return
    gc.collect()  # a forgotten session is a cycle of objects
    with _lock:
        _trim()


def _trim() -> None:
    """Return freed memory. The caller holds the lock."""
    global _last, _least
    _last = time.monotonic()
    _LIBC.malloc_trim(0)
    _least = _own()


def crowded() -> bool:
    """Whether this process should not begin more work than it has begun; False where the system does not report it."""
    return _own() > CROWDED


def unmap_libraries() -> int:
    """Unmap the pages of libraries' files that this process has in memory, and return how many bytes they were.

    They stay in the system's cache of files; a page that is used again is mapped again, which takes microseconds.
    Nothing is lost: it touches only mappings that cannot be written and in which no page was ever changed. And only
    those of libraries, which stay where they are: the address of a file that another thread closes meanwhile could
    come to hold something else.
    """
    if _LIBC is None or not MAPS.exists():
        return 0
    bytes_ = 0
    for start, end, kilobytes in _unchanged(MAPS.read_text(errors="replace")):
        if _LIBC.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), MADV_DONTNEED) == 0:
            bytes_ += kilobytes << 10
    return bytes_


def _unchanged(maps: str) -> list[tuple[int, int, int]]:
    """(start, end, kB in memory) of unchanged, read-only mappings of libraries, from the text of /proc/self/smaps."""
    found: list[tuple[int, int, int]] = []
    resident = changed = 0
    mapping: tuple[int, int] | None = None
    for line in maps.splitlines():
        first, *rest = line.split()
        if not first.endswith(":"):  # the head of a mapping: addresses, rights, offset, device, inode, path
            start, end = (int(one, 16) for one in first.split("-"))
            library = len(rest) > 4 and ".so" in rest[4]
            mapping = (start, end) if library and "w" not in rest[0] else None
            resident = changed = 0
        elif first == "Rss:":
            resident = int(rest[0])
        elif first in ("Private_Dirty:", "Shared_Dirty:", "Anonymous:"):
            changed += int(rest[0])
        elif first == "VmFlags:" and mapping is not None and resident and not changed:
            found.append((*mapping, resident))
    return found


def _own() -> int:
    """The resident bytes of the process that are not file mappings; 0 where the system does not report them."""
    try:
        _, resident, shared, *_ = Path("/proc/self/statm").read_text().split()
        return (int(resident) - int(shared)) * mmap.PAGESIZE
    except (OSError, ValueError):
        return 0
