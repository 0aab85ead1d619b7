"""A scheduler for heavy work: threads wait for one of a few places; short work and visitors who had little go first.

While work is short (below 0.5 s), only one thread works at a time: two Python threads that call small operations of
torch slow each other down, because each waits for the interpreter's lock after every operation. Twenty visitors of
mixed pages got 161 pictures in 40 s with two threads at a time, 201 with one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager

POLL = 0.03  # seconds between two checks by a waiting thread
PATIENCE = 2.0  # seconds that work that is not urgent is set back in the queue: bounded, so that nobody starves
LONG = 0.5  # seconds after which work counts as long, and another thread may work beside it
SLICE = 1.0  # seconds after which long work gives its place to waiting work of better rank
HALF_LIFE = 20.0  # seconds: the half-life of the time that a visitor is charged with
MOST_EXPECTED, MOST_USED = 10.0, 30.0  # the most seconds of setback by expected duration, by charged time
GUESS = 1.0  # seconds that work of an unknown kind is expected to take
ASIDE, ASIDE_CROWDED = 3, 1  # runs that may stand aside at once: each keeps what it has computed in memory, some 50 MB

OnWait = Callable[[], None]


class _Ticket:
    """A thread's request for a place: it waits in the queue, and then holds the place."""

    def __init__(self, urgent: bool, visitor: Hashable, kind: Hashable, long: bool = False) -> None:
        self.arrival = time.monotonic() + (0.0 if urgent else PATIENCE)
        self.visitor, self.kind, self.long = visitor, kind, long
        self.admitted = threading.Event()
        self.start = 0.0  # when the thread got its place
        self.before = 0.0  # seconds that the same work held a place before it gave way


class Places:
    """At most `count` places. `with places.one(urgent, on_wait)` holds one for this thread; in the block,
    `step_aside(on_wait)` and `share(on_wait)` let waiting work pass.

    Waiting work is admitted in the order of arrival time plus a setback, which is the sum of: the time that its kind of
    work usually takes (short work first), the time that its visitor has used lately (fair between visitors), and two
    seconds if it is not urgent. `on_wait` is called every 30 ms; an exception that it raises (the visitor moved on)
    leaves the queue and frees the place.
    """

    def __init__(self, count: int, crowded: Callable[[], bool] = lambda: False) -> None:
        """crowded: whether memory is short. Then only one thread is admitted at a time, and fewer stand aside: what was
        begun ends, and frees its memory, before something else begins."""
        self._count, self._crowded = count, crowded
        self._lock = threading.Lock()
        self._waiting: list[_Ticket] = []
        self._inside: list[_Ticket] = []
        self._used: dict[Hashable, tuple[float, float]] = {}  # visitor -> charged seconds, and when they were charged
        self._usual_seconds: dict[Hashable, float] = {}  # kind of work -> seconds that it usually takes
        self._own = threading.local()  # .ticket: the ticket of this thread

    @property
    def free(self) -> int:
        return self._count - len(self._inside)

    @property
    def queued(self) -> int:
        """The number of threads that wait for a place."""
        return len(self._waiting)

    @contextmanager
    def one(self, urgent: bool, on_wait: OnWait, visitor: Hashable = None, kind: Hashable = None) -> Iterator[None]:
        """Hold a place for the duration of the block.

        urgent: whether it is not set back by two seconds. visitor: who is charged with the time. kind: a label of the
        work, by which its duration is predicted; there should be few kinds, each of about constant duration.
        """
        self._take(_Ticket(urgent, visitor, kind), on_wait)
        try:
            yield
            self._learn(self._own.ticket)
        finally:
            if self._own.ticket is not None:  # None: it left the queue while it stood aside
                self._leave(self._own.ticket)
                self._own.ticket = None

    def step_aside(self, on_wait: OnWait) -> None:
        """If work of better rank waits, give it this thread's place and queue for a place again, as not urgent.

        Nothing is done where three runs stand aside already (one, where memory is short).
        """
        self._give_way(on_wait, 0.0)

    def share(self, on_wait: OnWait) -> None:
        """`step_aside`, but only after the place has been held for a second, and keeping the time of arrival: long work
        may call it often."""
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
        if aged:  # with a new arrival time, later visitors would pass it each time, and it would never end
            again.arrival = own.arrival
        with self._lock:
            aside = sum(one.before > 0 for one in self._waiting)
            if aside >= ASIDE_CROWDED and (aside >= ASIDE or self._crowded()):
                return
            if not any(self._rank(one, now) < self._rank(again, now) + stay for one in self._waiting):
                return
            self._inside.remove(own)  # under the same lock: two threads that give way at once see each other
            self._charge(own)
            self._enter_queue(again)
        self._wait(again, on_wait)

    def _take(self, ticket: _Ticket, on_wait: OnWait) -> None:
        with self._lock:
            self._enter_queue(ticket)
        self._wait(ticket, on_wait)

    def _enter_queue(self, ticket: _Ticket) -> None:
        """The caller holds the lock."""
        self._own.ticket = ticket
        self._waiting.append(ticket)
        self._admit()

    def _wait(self, ticket: _Ticket, on_wait: OnWait) -> None:
        try:
            while not ticket.admitted.wait(POLL):
                on_wait()
                with self._lock:
                    self._admit()  # the work of another thread may have become long, which admits a second thread
        except BaseException:
            self._leave(ticket)
            self._own.ticket = None  # it holds no place, and may run another page of the session later
            raise

    def _leave(self, ticket: _Ticket) -> None:
        with self._lock:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
            elif ticket in self._inside:
                self._inside.remove(ticket)
                self._charge(ticket)
            self._admit()

    def _learn(self, ticket: _Ticket) -> None:
        took = ticket.before + time.monotonic() - ticket.start
        with self._lock:
            self._usual_seconds[ticket.kind] = (self._usual_seconds.get(ticket.kind, took) + took) / 2

    def _charge(self, ticket: _Ticket) -> None:
        now = time.monotonic()
        had = self._recent_use(ticket.visitor, now) + now - ticket.start
        self._used = {one: value for one, value in self._used.items() if self._recent_use(one, now) > 0.1}
        self._used[ticket.visitor] = (had, now)

    def _recent_use(self, visitor: Hashable, now: float) -> float:
        seconds, when = self._used.get(visitor, (0.0, now))
        return seconds * 0.5 ** ((now - when) / HALF_LIFE)

    def _rank(self, ticket: _Ticket, now: float) -> float:
        """The ticket's place in the order: the waiting ticket with the smallest value is admitted next."""
        usual = max(0.0, self._usual_seconds.get(ticket.kind, GUESS) - ticket.before)
        return ticket.arrival + min(MOST_EXPECTED, usual) + min(MOST_USED, self._recent_use(ticket.visitor, now))

    def _admit(self) -> None:
        """Admit waiting tickets while there is room. The caller holds the lock."""
        now = time.monotonic()
        while self._waiting and len(self._inside) < self._count:
            if self._inside and (
                any(not one.long and now - one.start <= LONG for one in self._inside) or self._crowded()
            ):
                return
            ticket = min(self._waiting, key=lambda one: self._rank(one, now))
            self._waiting.remove(ticket)
            self._inside.append(ticket)
            ticket.start = now
            ticket.admitted.set()
