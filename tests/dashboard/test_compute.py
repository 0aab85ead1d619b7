"""Tests of `dashboard.runtime.run`: runs are cached for all visitors, bounded in bytes, ended when a visitor leaves."""

import dataclasses
import errno
import threading
import time
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from dashboard.runtime import on_disk
from dashboard.runtime import run as compute
from demos.common.progress import checkpoint
from demos.picture.payload import decode, encode
from tests.dashboard.fake_demo import FAKE, FakeConfig


class Left(BaseException):
    """Replaces Streamlit's control exceptions."""


class FakeStreamlit:
    """The part of Streamlit that the module uses: a session state that may end the run, and a progress bar."""

    def __init__(self):
        self.left, self.bars = threading.Event(), []
        self.session_state = self

    def get(self, _):
        if self.left.is_set():
            raise Left

    def empty(self):
        return self

    def progress(self, fraction, text):
        self.bars.append((fraction, text))


@pytest.fixture
def visit(monkeypatch):
    stand_in = FakeStreamlit()
    monkeypatch.setattr(compute, "st", stand_in)
    compute.forget()
    yield stand_in
    compute.forget()


def counting(demo=FAKE):
    runs = []

    def run(config, progress=None):
        runs.append(config)
        return demo.run(config, progress)

    return dataclasses.replace(demo, run=run), runs


def test_runs_are_cached_by_config_whatever_the_settings_of_the_player(visit):
    demo, runs = counting()
    result, payload = compute.run_demo(demo, FakeConfig(), compact=True)
    assert compute.run_demo(demo, FakeConfig(), compact=True)[1] == payload and len(runs) == 1
    assert compute.run_demo(demo, FakeConfig(seed=1), compact=True)[1] != payload and len(runs) == 2
    other = compute.run_demo(demo, FakeConfig(), present=True)[1]
    assert decode(other)["extra"] == {"present": True} and len(runs) == 2
    assert other == encode(FAKE.run(FakeConfig()).picture, present=True)
    assert result.picture.panels == () and result.checks and decode(payload)["extra"] == {"compact": True}
    assert not visit.bars  # quick work shows no bar


def test_the_picture_is_shown_once_and_before_the_rest_is_computed(visit):
    seen = []

    def early(config, progress=None, on_picture=None):
        result = FAKE.run(config, progress)
        on_picture(result.picture)
        seen.append("the rest")
        return result

    demo, runs = counting()
    for one, expected in ((dataclasses.replace(FAKE, run=early), ["shown", "the rest"]), (demo, ["shown"])):
        compute.forget()
        seen.clear()
        payload = compute.run_demo(one, FakeConfig(), lambda payload: seen.append("shown"))[1]
        assert seen == expected
        seen.clear()
        assert compute.run_demo(one, FakeConfig(), seen.append)[1] == payload  # from the cache
        assert seen == [payload]
    assert len(runs) == 1


@pytest.mark.parametrize("full", [False, True])
def test_the_cache_is_bounded_and_on_disk_while_there_is_room(visit, monkeypatch, full):
    def no_room(**_):
        raise OSError(errno.ENOSPC, "No space left on device")

    if full:
        monkeypatch.setattr(on_disk.tempfile, "TemporaryFile", no_room)
    demo, runs = counting()
    payloads = [compute.run_demo(demo, FakeConfig(seed=seed, particles=20_000, frames=20))[1] for seed in range(100)]
    assert compute._runs.store.used <= 16 << 20 and len(runs) == 100
    assert 5 < len(compute._runs.store) < 16 if full else len(compute._runs.store) == 64
    assert compute.run_demo(demo, FakeConfig(seed=99, particles=20_000, frames=20))[1] == payloads[99]
    assert len(runs) == 100  # the value was still in the cache


def test_a_picture_that_cannot_be_read_from_disk_is_computed_again(visit):
    demo, runs = counting()
    payload = compute.run_demo(demo, FakeConfig())[1]
    (kept,) = [value[1] for value, _ in compute._runs.store._values.values()]
    kept._file.truncate(3)
    with pytest.raises(OSError):
        kept.read()
    assert compute.run_demo(demo, FakeConfig())[1] == payload and len(runs) == 2


def test_slow_work_shows_a_progress_bar_and_removes_it(visit):
    compute.run_demo(FAKE, FakeConfig(slow=0.7))
    fractions = [fraction for fraction, _ in visit.bars]
    assert 1 <= len(fractions) <= 5 and fractions == sorted(fractions) and fractions[0] > 0.3


def test_work_ends_when_the_visitor_leaves(visit):
    ended = threading.Event()

    def leaving():
        with pytest.raises(Left):
            compute.run_demo(FAKE, FakeConfig(slow=600.0))
        ended.set()

    threading.Thread(target=leaving, daemon=True).start()
    time.sleep(0.1)
    visit.left.set()
    assert ended.wait(60)  # not the ten minutes of the run; how soon is a matter of the benchmarks
    visit.left.clear()
    compute.run_demo(FAKE, FakeConfig(slow=0.01))  # nothing is left locked


def test_work_that_reports_no_progress_ends_at_its_next_checkpoint(visit, monkeypatch):
    """A study that reports no progress can be stopped too, because the functions that it calls have checkpoints."""
    monkeypatch.setattr(compute, "TOUCH", 0.0)
    done = []

    def study(progress):
        for piece in range(10):
            checkpoint()
            done.append(piece)
            if piece == 3:
                visit.left.set()
        return done

    with pytest.raises(Left):
        compute.cached(("study",), study)
    assert done == [0, 1, 2, 3]


def test_charts_on_demand_are_cached(visit):
    made = []

    def make(progress):
        progress(0.5)
        made.append(1)
        return {"x": np.zeros(1000)}

    assert compute.cached(("chart", 1), make) is compute.cached(("chart", 1), make)
    assert made == [1] and compute._charts.store.used == 8000


def test_work_done_one_at_a_time_is_not_cached(visit):
    made = []
    for _ in range(2):
        assert compute.one_at_a_time(("training", 1), lambda progress: made.append(1) or "done") == "done"
    assert made == [1, 1] and compute._charts.store.used == 0


def test_a_run_and_charts_share_the_two_places(visit, monkeypatch):
    """One run and three charts start together and each waits for the others: never more than two work at a time."""
    running, most, messages, lock, go = set(), [], [], threading.Lock(), threading.Event()

    def hold(name):
        with lock:
            running.add(name)
            most.append(len(running))
        go.wait(30)
        with lock:
            running.remove(name)

    def run(config, progress=None):
        hold("run")
        return FAKE.run(config, progress)

    monkeypatch.setattr(compute._ProgressBar, "waiting", lambda self, why: messages.append(why.same))
    jobs = [lambda: compute.run_demo(dataclasses.replace(FAKE, run=run), FakeConfig())]
    jobs += [lambda i=i: compute.cached(("chart", i), lambda _: hold(i) or i + 1) for i in range(3)]
    threads = [threading.Thread(target=job, daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    end = time.monotonic() + 30  # the second is let in when the first has been at it for half a second
    while len(running) < 2 and time.monotonic() < end:
        time.sleep(0.01)
    time.sleep(0.3)
    go.set()
    for thread in threads:
        thread.join(30)
    assert len(most) == 4 and max(most) == 2
    assert messages and not any(messages)


def test_sizes():
    frame = pd.DataFrame({"x": np.zeros(100), "s": ["word"] * 100})
    assert compute.size_of(np.zeros((10, 10))) == 800 and compute.size_of([b"12345", "123"]) == 8
    assert compute.size_of({"frame": frame}) >= 800 + 400
    assert compute.size_of(FAKE.scenes[0]) > 0 and compute.size_of(3.0) == 100


def test_errors_of_a_demo_are_raised_and_leave_nothing_locked(visit):
    def broken(config, progress=None):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        compute.run_demo(dataclasses.replace(FAKE, run=broken), FakeConfig())
    compute.run_demo(FAKE, FakeConfig())


def test_the_rest_of_a_page_lets_the_pictures_of_others_pass(visit, monkeypatch):
    """The page waits until no other visitor waits for a picture, at most `PATIENCE`. Only sleeping moves its clock."""
    clock, slept = [100.0], []

    def sleep(seconds):
        slept.append(seconds)
        clock[0] += seconds

    monkeypatch.setattr(compute, "time", SimpleNamespace(monotonic=lambda: clock[0], sleep=sleep))
    monkeypatch.setattr(compute, "BROWSER", 0.1)
    compute.let_pictures_pass(100.0)
    alone = sum(slept)
    assert compute.BROWSER <= alone <= compute.BROWSER + 2 * compute.TOUCH
    monkeypatch.setattr(compute, "_undrawn", {object()})
    compute.let_pictures_pass(clock[0])
    assert compute.PATIENCE <= sum(slept) - alone <= compute.PATIENCE + 2 * compute.TOUCH
    visit.left.set()
    with pytest.raises(Left):
        compute.let_pictures_pass(clock[0])


@pytest.mark.parametrize(("queued", "slept"), [(0, 0.1), (1, 0.0)])
def test_a_picture_starts_before_its_checks_are_computed_unless_others_wait(visit, monkeypatch, queued, slept):
    """Only sleeping moves the clock, which is read when the picture is drawn and when the checks begin."""
    clock, seen = [100.0], []
    monkeypatch.setattr(compute, "BROWSER", 0.1)
    monkeypatch.setattr(compute, "_PLACES", SimpleNamespace(queued=queued, step_aside=lambda on_wait: None))

    def sleep(seconds):
        clock[0] += seconds

    monkeypatch.setattr(compute, "time", SimpleNamespace(monotonic=lambda: clock[0], sleep=sleep))

    def run(config, progress=None, on_picture=None):
        result = FAKE.run(config)
        on_picture(result.picture)
        seen.append(clock[0])
        return result

    compute.run_demo(dataclasses.replace(FAKE, run=run), FakeConfig(), lambda _: seen.append(clock[0]))
    assert seen[1] - seen[0] == pytest.approx(slept)


@pytest.mark.parametrize("broken", [False, True])
def test_nobody_waits_for_a_picture_that_is_drawn_or_failed(visit, broken):
    def run(config, progress=None, on_picture=None):
        assert len(compute._undrawn) == 1
        if broken:
            raise ValueError("no")
        result = FAKE.run(config, progress)
        on_picture(result.picture)
        assert not compute._undrawn  # the checks are still to come
        return result

    demo = dataclasses.replace(FAKE, run=run)
    if broken:
        with pytest.raises(ValueError):
            compute.run_demo(demo, FakeConfig())
    else:
        compute.run_demo(demo, FakeConfig())
    assert not compute._undrawn
