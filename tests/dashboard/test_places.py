"""Tests of `Places`: work is done in a fair order, at most two at a time; a visitor who leaves frees every place."""

import contextlib
import threading
import time

import pytest

from dashboard.runtime import places
from dashboard.runtime.places import Places
from tests.dashboard.threads import Left, in_thread, until


def test_short_work_is_done_one_at_a_time_and_urgent_work_first(monkeypatch):
    """While short work is done nothing else is admitted; then urgent work comes first, in the order of arrival."""
    monkeypatch.setattr(places, "PATIENCE", 1e9)  # work that is not urgent comes after all urgent work
    monkeypatch.setattr(places, "LONG", 1e9)  # no work is long
    room, order, go, arrived = Places(2), [], threading.Event(), []

    def visit(name, urgent):
        with room.one(urgent, lambda: arrived.append(name)):
            order.append(name)
            if name == "first":
                go.wait(30)

    def enter(name, urgent):
        thread = in_thread(lambda: visit(name, urgent))
        until(lambda: name in order or name in arrived, 30)
        return thread

    threads = [enter("first", True)]
    threads += [enter(name, urgent) for name, urgent in (("charts", False), ("picture", True), ("picture 2", True))]
    go.set()
    for thread in threads:
        thread.join(30)
    assert order == ["first", "picture", "picture 2", "charts"] and room.free == 2


def enter(room, name, order, arrived, hold=None, **options):
    """Start a thread that takes a place, and return it once it waits or has the place.

    It appends `name` to `arrived` while it waits and to `order` when it gets the place, which it keeps until `hold`.
    """

    def visit():
        with room.one(True, lambda: arrived.append(name), **options):
            order.append(name)
            if hold is not None:
                hold.wait(30)

    thread = in_thread(visit)
    until(lambda: name in order or name in arrived, 30)
    return thread


def test_a_visitor_who_used_much_time_waits_for_others(monkeypatch):
    """Anna has used eight seconds. Of three waiting runs her two come after Bert's, although he came last."""
    room, order, arrived, go = Places(1), [], [], threading.Event()
    room._used = {"anna": (8.0, time.monotonic())}
    threads = [enter(room, "first", order, arrived, go, visitor="cora")]
    for name, visitor in (("anna 1", "anna"), ("anna 2", "anna"), ("bert", "bert")):
        threads.append(enter(room, name, order, arrived, visitor=visitor))
    go.set()
    for thread in threads:
        thread.join(30)
    assert order == ["first", "bert", "anna 1", "anna 2"]


def test_short_work_comes_first_and_long_work_in_the_end():
    room, order, arrived, go = Places(1), [], [], threading.Event()
    room._usual_seconds = {"sweep": 30.0, "run": 0.1}
    threads = [enter(room, "first", order, arrived, go, kind="run")]
    for name, kind in (("long", "sweep"), ("short", "run")):
        threads.append(enter(room, name, order, arrived, kind=kind))
    go.set()
    for thread in threads:
        thread.join(30)
    assert order == ["first", "short", "long"]
    assert room._usual_seconds["run"] != 0.1 and 0 < room._usual_seconds["sweep"] < 30  # the durations are learned
    monday = places._Ticket(True, None, "sweep")
    monday.arrival -= 2 * places.MOST_EXPECTED  # after so long a wait, long work comes before any new work
    assert room._rank(monday, time.monotonic()) < room._rank(places._Ticket(True, None, "run"), time.monotonic())


def _bert_comes(room, order, arrived, thread, inside):
    """Bert asks for a place once the thread has one; this returns when both have ended."""
    inside.wait(30)
    other = enter(room, "bert", order, arrived, visitor="bert")
    thread.join(30)
    other.join(30)


def test_long_work_gives_way_to_waiting_work(monkeypatch):
    monkeypatch.setattr(places, "SLICE", 0.0)
    room, order, arrived, inside = Places(1), [], [], threading.Event()
    room._used = {"anna": (5.0, time.monotonic())}  # she had seconds of work before

    def train():
        with room.one(True, lambda: None, visitor="anna"):
            inside.set()
            until(lambda: room._waiting, 30)
            for _ in range(3):
                room.share(lambda: None)
            order.append("trained")

    _bert_comes(room, order, arrived, in_thread(train), inside)
    assert order == ["bert", "trained"] and room.free == 1


def test_long_work_ends_however_many_come_after_it(monkeypatch):
    """Long work that gives way keeps its time of arrival, so that work that arrives much later cannot pass it."""
    monkeypatch.setattr(places, "SLICE", 0.0)
    room, order, arrived, inside = Places(1), [], [], threading.Event()

    def train():
        with room.one(True, lambda: None, visitor="anna"):
            room._own.ticket.arrival -= places.MOST_EXPECTED + places.MOST_USED + places.PATIENCE  # so long ago
            inside.set()
            until(lambda: room._waiting, 30)
            room.share(lambda: None)
            order.append("trained")

    _bert_comes(room, order, arrived, in_thread(train), inside)
    assert order == ["trained", "bert"]


def test_work_that_steps_aside_continues_after_others():
    room, order, inside = Places(1), [], threading.Event()

    def long():
        with room.one(True, lambda: None):
            inside.set()
            until(lambda: room._waiting, 30)
            order.append("picture of the first")
            room.step_aside(lambda: None)
            order.append("checks of the first")

    def short():
        inside.wait(30)
        with room.one(True, lambda: None):
            order.append("picture of the second")

    threads = [in_thread(long), in_thread(short)]
    for thread in threads:
        thread.join(30)
    assert order == ["picture of the first", "picture of the second", "checks of the first"] and room.free == 1
    room.step_aside(lambda: None)  # has no effect in a thread without a place
    assert room.free == 1


def test_the_number_of_runs_that_stand_aside_is_bounded(monkeypatch):
    monkeypatch.setattr(places, "ASIDE", 1)
    room, order, first, second = Places(1), [], threading.Event(), threading.Event()

    def one(name: str, begun: threading.Event, before: threading.Event | None):
        if before is not None:
            before.wait(30)
        with room.one(True, lambda: None):
            begun.set()
            until(lambda: any(not ticket.before for ticket in room._waiting), 30)
            order.append(f"picture of {name}")
            room.step_aside(lambda: None)
            order.append(f"checks of {name}")

    def last():
        second.wait(30)
        until(lambda: "picture of anna" in order, 30)
        with room.one(True, lambda: None):
            order.append("picture of cora")

    threads = [
        in_thread(lambda: one("anna", first, None)),
        in_thread(lambda: one("bert", second, first)),
        in_thread(last),
    ]
    for thread in threads:
        thread.join(60)
    assert order[:3] == ["picture of anna", "picture of bert", "checks of bert"]  # bert stays: anna stands aside
    assert len(order) == 5 and room.free == 1


def test_two_runs_that_give_way_at_once_count_each_other(monkeypatch):
    monkeypatch.setattr(places, "ASIDE", 1)
    monkeypatch.setattr(places, "LONG", -1.0)  # all work is long, so that two are inside
    room, meet, go, aside = Places(2), threading.Barrier(2), threading.Event(), []
    leave = room._leave

    def both_leave(ticket):  # a place is left only after both have looked
        with contextlib.suppress(threading.BrokenBarrierError):
            meet.wait(0.2)
        leave(ticket)

    def one():
        with room.one(True, lambda: None):
            go.wait(30)
            room.step_aside(lambda: aside.append(sum(one.before > 0 for one in room._waiting)))

    threads = [in_thread(one), in_thread(one)]
    until(lambda: len(room._inside) == 2, 30)
    room._leave = both_leave
    hold = threading.Event()
    threads += [in_thread(lambda: _hold(room, hold)) for _ in range(2)]  # each gets the place of one who stands aside
    until(lambda: len(room._waiting) == 2, 30)
    go.set()
    until(lambda: aside, 30)
    hold.set()
    for thread in threads:
        thread.join(30)
    assert max(aside) == 1 and room.free == 2


def test_where_memory_is_short_one_works_at_a_time_and_one_stands_aside(monkeypatch):
    monkeypatch.setattr(places, "LONG", -1.0)  # all work is long
    monkeypatch.setattr(places, "SLICE", 0.0)
    short_of_memory = threading.Event()
    short_of_memory.set()
    room, events, begun = Places(2, short_of_memory.is_set), [], [threading.Event() for _ in range(3)]

    def work(i: int):
        with room.one(True, lambda: None, visitor=i):
            events.append(("in", i))
            begun[i].set()
            if i < 2:
                until(lambda: any(not ticket.before for ticket in room._waiting), 30)
            room._used = {i: (5.0, time.monotonic())}  # whoever waits comes first
            room.share(lambda: None)
            events.append(("out", i))

    threads = []
    for i in range(3):
        threads.append(in_thread(lambda i=i: work(i)))
        until(lambda i=i: len(room._waiting) + len(room._inside) + sum(what == "out" for what, _ in events) > i, 30)
    for thread in threads:
        thread.join(60)
    # The first gives way to the second; the second must not, as one stands aside already.
    assert events[:3] == [("in", 0), ("in", 1), ("out", 1)] and len(events) == 6 and room.free == 2
    short_of_memory.clear()
    hold = threading.Event()
    threads = [in_thread(lambda: _hold(room, hold)) for _ in range(2)]
    until(lambda: room.free == 0, 30)  # with enough memory, two work at a time
    hold.set()
    for thread in threads:
        thread.join(30)


def _hold(room, until_then):
    with room.one(True, lambda: None):
        until_then.wait(30)


def test_a_visitor_who_leaves_while_standing_aside_frees_everything():
    room, inside, go = Places(1), threading.Event(), threading.Event()

    def stay():
        inside.wait(30)
        with room.one(True, lambda: None):
            go.wait(30)

    thread = in_thread(stay)

    def leave():
        raise Left

    with pytest.raises(Left), room.one(True, lambda: None):
        inside.set()
        until(lambda: room._waiting, 30)
        room.step_aside(leave)
    assert room.free == 0  # the other thread holds it
    go.set()
    thread.join(30)
    assert room.free == 1
