"""Tests of `Shared`: work is done once for all who wait for it; a visitor who leaves frees every lock and place."""

import threading

import pytest

from dashboard.runtime import places
from dashboard.runtime.single_flight import Shared
from tests.dashboard.threads import Left, in_thread, until


def test_work_is_done_once_and_cached():
    shared, done = Shared(), []
    for _ in range(3):
        assert shared.do("key", lambda: (done.append(1) or "value", 5)) == "value"
    assert len(done) == 1


def test_two_visitors_with_the_same_key_share_one_run():
    shared, done, results, go = Shared(), [], [], threading.Event()

    def work():
        done.append(1)
        go.wait(5)
        return "value", 5

    threads = [in_thread(lambda: results.append(shared.do("key", work))) for _ in range(5)]
    until(lambda: done)
    go.set()
    for thread in threads:
        thread.join(5)
    assert results == ["value"] * 5 and len(done) == 1


def test_whoever_waits_takes_over_when_the_first_leaves():
    shared, started, waited, result = Shared(), threading.Event(), threading.Event(), []

    def abandoned():
        started.set()
        waited.wait(5)
        raise Left

    def first():
        with pytest.raises(Left):
            shared.do("key", abandoned)

    one = in_thread(first)
    started.wait(5)
    two = in_thread(lambda: result.append(shared.do("key", lambda: ("mine", 1), lambda why: why.same and waited.set())))
    one.join(5)
    two.join(5)
    assert result == ["mine"]


def test_at_most_two_at_once_and_the_third_is_informed(monkeypatch):
    monkeypatch.setattr(places, "LONG", -1.0)  # all work is long
    shared, running, most, messages, lock = Shared(at_once=2), [], [], [], threading.Lock()
    go = threading.Event()

    def work():
        with lock:
            running.append(1)
            most.append(len(running))
        go.wait(5)
        with lock:
            running.pop()
        return "value", 1

    def on_wait(why):
        messages.append(why.same)

    threads = [in_thread(lambda key=key: shared.do(key, work, on_wait)) for key in range(4)]
    until(lambda: len(messages) >= 4)
    go.set()
    for thread in threads:
        thread.join(5)
    assert max(most) == 2 and len(most) == 4 and not any(messages)


def test_leaving_the_queue_or_failing_frees_everything():
    shared, go, started = Shared(at_once=1), threading.Event(), threading.Event()
    thread = in_thread(lambda: shared.do("long", lambda: (started.set(), go.wait(60), ("value", 1))[-1]))
    started.wait(5)

    def leave(_):
        raise Left

    with pytest.raises(Left):
        shared.do("other", lambda: ("never", 1), leave)
    assert thread.is_alive()  # the visitor left before the long run ended
    go.set()
    thread.join(5)
    with pytest.raises(ZeroDivisionError):
        shared.do("other", lambda: (1 / 0, 1))
    assert shared.do("other", lambda: ("at last", 1)) == "at last"
