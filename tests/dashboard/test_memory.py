"""Tests of `give_back`: freed memory is returned to the system soon, but not at every call."""

from pathlib import Path

from dashboard.runtime import memory


class _Libc:
    trims = 0

    def malloc_trim(self, _: int) -> None:
        self.trims += 1


def test_memory_is_returned_every_two_seconds_or_sooner_after_growth(monkeypatch):
    now, own, libc = [100.0], [50 << 20], _Libc()
    monkeypatch.setattr(memory, "_LIBC", libc)
    monkeypatch.setattr(memory, "_last", 0.0)
    monkeypatch.setattr(memory, "_least", own[0])
    monkeypatch.setattr(memory, "_own", lambda: own[0])
    monkeypatch.setattr(memory.time, "monotonic", lambda: now[0])
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


def test_the_memory_of_the_process_is_read_where_the_system_reports_it():
    if Path("/proc/self/statm").exists():
        assert memory._own() > 10 << 20  # Python and pytest take more
    else:
        assert memory._own() == 0
