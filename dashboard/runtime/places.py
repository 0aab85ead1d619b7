"""Places for heavy work: fair between visitors, short work first, one at a time while it is short.

Two threads of Python that call small operations of torch hinder each other: each waits for the interpreter's lock after
every operation. Twenty visitors of mixed pages had 161 pictures in 40 s with two at a time, 201 with one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager

POLL = 0.03  # seconds between two looks of a waiting visitor
PATIENCE = 2.0  # seconds after which work that is not urgent waits like urgent work: nobody starves
LONG = 0.5  # seconds after which others work beside it
SLICE = 1.0  # seconds after which work gives way to whoever comes before it
HALF = 20.0  # seconds after which half of what a visitor has had is forgotten
MOST, MUCH = 10.0, 30.0  # seconds that what work will take, and what he has had, can set anybody back: nobody starves
GUESS = 1.0  # seconds that work of an unknown kind takes
ASIDE = 3  # works that stand aside at once: each keeps what it has computed so far in memory, some 50 MB

OnWait = Callable[[], None]


class _Ticket:
    """One who waits, or who has a place."""

    def __init__(self, urgent: bool, visitor: Hashable, kind: Hashable, long: bool = False) -> None:
        self.arrival = time.monotonic() + (0.0 if urgent else PATIENCE)
        self.visitor, self.kind, self.long = visitor, kind, long
        self.called = threading.Event()
        self.start = 0.0  # of this stay
        self.before = 0.0  # seconds of earlier stays


class Places:
    """`with places.one(urgent, on_wait)` takes a place for this thread; within, `step_aside(on_wait)` and
    `share(on_wait)` let others pass.

    Who waits is called in the order of arrival, set back by what his work usually takes, by what he has lately had
    (fair between visitors, short work first), and by two seconds where it is not urgent. At most `count` are in at
    once. `on_wait` is called every 30 ms; an exception out of it (the visitor moved on) leaves the queue, and every
    place free.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._lock = threading.Lock()
        self._waiting: list[_Ticket] = []
        self._inside: list[_Ticket] = []
        self._had: dict[Hashable, tuple[float, float]] = {}  # visitor -> seconds, and when
        self._usual: dict[Hashable, float] = {}  # kind of work -> seconds
        self._own = threading.local()  # .ticket, of a thread that has a place

    @property
    def free(self) -> int:
        return self._count - len(self._inside)

    @contextmanager
    def one(self, urgent: bool, on_wait: OnWait, visitor: Hashable = None, kind: Hashable = None) -> Iterator[None]:
        """visitor: who it is for; kind: of work, of which there are few and each takes about as long every time."""
        self._take(_Ticket(urgent, visitor, kind), on_wait)
        try:
            yield
            self._learn(self._own.ticket)
        finally:
            self._leave(self._own.ticket)
            self._own.ticket = None

    def step_aside(self, on_wait: OnWait) -> None:
        """Give this thread's place to those who wait for something more urgent, if anybody does, and take one again.
        Not where three stand aside already."""
        self._give_way(on_wait, 0.0)

    def share(self, on_wait: OnWait) -> None:
        """The same, where this stay has been long enough: called often, by work that may be long."""
        self._give_way(on_wait, SLICE, aged=True)

    def _give_way(self, on_wait: OnWait, after: float, aged: bool = False) -> None:
        own: _Ticket | None = getattr(self._own, "ticket", None)
        if own is None or not self._waiting:
            return
        now = time.monotonic()
        stay = now - own.start
        if stay < after:
            return
        again = _Ticket(False, own.visitor, own.kind, long=stay > LONG or own.long)
        again.before = own.before + stay
        if aged:  # else whoever comes later would pass it after every stay, and it would never end
            again.arrival = own.arrival
        with self._lock:
            if not aged and sum(one.before > 0 for one in self._waiting) >= ASIDE:
                return
            if not any(self._rank(one, now) < self._rank(again, now) + stay for one in self._waiting):
                return
        self._leave(own)
        self._take(again, on_wait)

    def _take(self, ticket: _Ticket, on_wait: OnWait) -> None:
        self._own.ticket = ticket
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
            if ticket in self._waiting:
                self._waiting.remove(ticket)
            elif ticket in self._inside:
                self._inside.remove(ticket)
                self._charge(ticket)
            self._call()

    def _learn(self, ticket: _Ticket) -> None:
        took = ticket.before + time.monotonic() - ticket.start
        with self._lock:
            self._usual[ticket.kind] = (self._usual.get(ticket.kind, took) + took) / 2

    def _charge(self, ticket: _Ticket) -> None:
        now = time.monotonic()
        had = self._lately(ticket.visitor, now) + now - ticket.start
        self._had = {one: value for one, value in self._had.items() if self._lately(one, now) > 0.1}  # who left goes
        self._had[ticket.visitor] = (had, now)

    def _lately(self, visitor: Hashable, now: float) -> float:
        seconds, when = self._had.get(visitor, (0.0, now))
        return seconds * 0.5 ** ((now - when) / HALF)

    def _rank(self, ticket: _Ticket, now: float) -> float:
        """Who has the least comes next."""
        usual = max(0.0, self._usual.get(ticket.kind, GUESS) - ticket.before)
        return ticket.arrival + min(MOST, usual) + min(MUCH, self._lately(ticket.visitor, now))

    def _call(self) -> None:
        """Call those who come next while there is room for them; the lock is held."""
        now = time.monotonic()
        while self._waiting and len(self._inside) < self._count:
            if any(not one.long and now - one.start <= LONG for one in self._inside):
                return
            ticket = min(self._waiting, key=lambda one: self._rank(one, now))
            self._waiting.remove(ticket)
            self._inside.append(ticket)
            ticket.start = now
            ticket.called.set()
