"""Places for heavy work: one at a time while it is short, more beside work that is long; pictures go first.

Two threads of Python that call small operations of torch hinder each other: each waits for the interpreter's lock after
every operation. Twenty visitors of mixed pages had 161 pictures in 40 s with two at a time, 201 with one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

POLL = 0.03  # seconds between two looks of a waiting visitor
PATIENCE = 2.0  # seconds after which work that is not urgent waits like urgent work: nobody starves
LONG = 0.5  # seconds after which others work beside it


class _Ticket:
    """One who waits, or who has a place."""

    def __init__(self, urgent: bool) -> None:
        self.arrival = time.monotonic() if urgent else time.monotonic() + PATIENCE
        self.called = threading.Event()
        self.start = 0.0


class Places:
    """`with places.one(urgent, on_wait)` takes a place for this thread; within, `step_aside(on_wait)` lets others pass.

    Whoever waits is called in the order of arrival, work that is not urgent as if it had arrived two seconds later. At
    most `count` are in at once. `on_wait` is called every 30 ms; an exception out of it (the visitor moved on) leaves
    the queue, and every place free.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._lock = threading.Lock()
        self._waiting: list[_Ticket] = []
        self._inside: list[_Ticket] = []
        self._own = threading.local()  # .ticket, of a thread that has a place

    @property
    def free(self) -> int:
        return self._count - len(self._inside)

    @contextmanager
    def one(self, urgent: bool, on_wait: Callable[[], None]) -> Iterator[None]:
        self._take(urgent, on_wait)
        try:
            yield
        finally:
            self._leave(self._own.ticket)
            self._own.ticket = None

    def step_aside(self, on_wait: Callable[[], None]) -> None:
        """Give this thread's place to those who wait for something more urgent, if anybody does, and take one again."""
        with self._lock:
            if not self._waiting or getattr(self._own, "ticket", None) is None:
                return
        self._leave(self._own.ticket)
        self._take(False, on_wait)

    def _take(self, urgent: bool, on_wait: Callable[[], None]) -> None:
        self._own.ticket = ticket = _Ticket(urgent)
        with self._lock:
            self._waiting.append(ticket)
            self._call()
        try:
            while not ticket.called.wait(POLL):
                on_wait()
                with self._lock:
                    self._call()  # work may have become long meanwhile
        except BaseException:
            self._leave(ticket)
            raise

    def _leave(self, ticket: _Ticket) -> None:
        with self._lock:
            for group in (self._waiting, self._inside):
                if ticket in group:
                    group.remove(ticket)
            self._call()

    def _call(self) -> None:
        """Call those who come next while there is room for them; the lock is held."""
        now = time.monotonic()
        while self._waiting and len(self._inside) < self._count and all(now - one.start > LONG for one in self._inside):
            ticket = min(self._waiting, key=lambda one: one.arrival)
            self._waiting.remove(ticket)
            self._inside.append(ticket)
            ticket.start = now
            ticket.called.set()
