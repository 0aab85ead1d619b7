"""Tests of memory that is returned to the system: freed memory soon, but not at every call; the files of libraries."""

import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.runtime import memory


class _Libc:
    trims = 0

    def malloc_trim(self, _: int) -> None:
        self.trims += 1


@pytest.fixture
def fake(monkeypatch):
    """(the clock, the memory of the process, the C library), which a test changes: [seconds], [bytes], `_Libc`."""
    now, own, libc = [100.0], [50 << 20], _Libc()
    monkeypatch.setattr(memory, "_LIBC", libc)
    monkeypatch.setattr(memory, "_last", 0.0)
    monkeypatch.setattr(memory, "_least", own[0])
    monkeypatch.setattr(memory, "_own", lambda: own[0])
    monkeypatch.setattr(memory.time, "monotonic", lambda: now[0])
    return now, own, libc


def test_memory_is_returned_every_two_seconds_or_sooner_after_growth(fake):
    now, own, libc = fake
    for seconds, grown, trims in (
        (0.0, 0, 1),  # long ago
        (1.0, memory.GREW - 1, 1),
        (0.5, 1, 2),  # enough of it
        (0.1, memory.GREW, 2),  # too soon
        (0.2, 0, 3),
        (1.9, 0, 3),
        (0.2, 0, 4),  # two seconds later
    ):
        now[0], own[0] = now[0] + seconds, own[0] + grown
        memory.give_back()
        assert libc.trims == trims


def test_at_rest_only_growth_is_returned(fake):
    now, own, libc = fake
    for seconds, grown, trims in (
        (0.0, 0, 0),
        (5.0, memory.GREW_AT_REST, 1),
        (5.0, 0, 1),
        (memory.TRIM_EVERY / 2, memory.GREW_AT_REST, 2),
        (memory.TRIM_EVERY / 2, memory.GREW_AT_REST, 2),  # it was done a moment ago
    ):
        now[0], own[0] = now[0] + seconds, own[0] + grown
        memory._return_at_rest()
        assert libc.trims == trims


def test_the_memory_of_the_process_is_read_where_the_system_reports_it():
    if Path("/proc/self/statm").exists():
        assert memory._own() > 10 << 20  # Python and pytest take more
    else:
        assert memory._own() == 0


MAPS = """1000-3000 r-xp 00000000 08:01 7    /usr/lib/one.so
Rss:                   8 kB
Private_Dirty:         0 kB
Anonymous:             0 kB
VmFlags: rd ex mr mw me
3000-5000 r--p 00002000 08:01 7    /usr/lib/one.so
Rss:                   8 kB
Private_Dirty:         4 kB
Anonymous:             4 kB
VmFlags: rd mr mw me
5000-6000 rw-p 00004000 08:01 7    /usr/lib/one.so
Rss:                   4 kB
Anonymous:             0 kB
VmFlags: rd wr mr mw me
6000-7000 r--p 00000000 00:00 0
Rss:                   4 kB
Anonymous:             0 kB
VmFlags: rd mr mw me
7000-8000 r--s 00000000 08:01 9    /usr/share/a name
Rss:                   4 kB
Anonymous:             0 kB
VmFlags: rd mr
8000-9000 r--p 00000000 08:01 11   /usr/lib/two.so.6
Rss:                   0 kB
Anonymous:             0 kB
VmFlags: rd mr mw me
"""


def test_only_unchanged_pages_of_libraries_are_unmapped():
    """Not: a mapping with changed pages (relocations), one that can be written, one without a file, of another file."""
    assert memory._unchanged(MAPS) == [(0x1000, 0x3000, 8)]


def test_libraries_work_after_their_pages_were_unmapped():
    if not memory.MAPS.exists():
        return
    script = """
import math, re, sqlite3
from pathlib import Path
from dashboard.runtime import memory
files = lambda: int(re.search(r"RssFile:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) << 10
before = files()
returned = memory.unmap_libraries()
assert returned > 1 << 20 and files() < before - returned / 2, (before, returned, files())
assert sqlite3.connect(":memory:").execute("select 6 * 7").fetchone() == (42,)
assert math.isclose(math.erf(1), 0.8427007929497149)
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
