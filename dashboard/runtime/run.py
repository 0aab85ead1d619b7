"""Runs a demo for a page: computes each config once for all visitors, and stops when the visitor moves on."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.runtime.memory import crowded, give_back
from dashboard.runtime.on_disk import OnDisk
from dashboard.runtime.places import Places
from dashboard.runtime.single_flight import Shared, Waiting
from demos.common.progress import Progress, cancellable
from demos.contract import Config, Demo, Result
from demos.picture import Picture
from demos.picture.payload import encode, with_extra

QUIET = 0.3  # seconds; shorter work shows no progress bar
SOON = 0.15  # seconds after which a page whose picture is not ready draws what surrounds it
REDRAW = 0.1  # seconds between two updates of the progress bar
TOUCH = 0.02  # seconds between two checks whether the visitor moved on
BROWSER = 0.1  # seconds that the browser gets for a new picture before the rest of the page delays its animation
PATIENCE = 1.0  # the most seconds that the rest of a page waits for the pictures of other visitors

# Ten visitors on one process stay under 690 MB: about 260 are torch, SciPy and the demos. Payloads are stored on disk.
DISK = 16  # bytes on disk that count like one byte in memory towards the size of a cache
_PLACES = Places(2, crowded)  # shared by both caches below
_runs = Shared(entries=64, size=16 << 20, places=_PLACES)
_charts = Shared(entries=128, size=8 << 20, places=_PLACES, urgent=False)
_undrawn: set[object] = set()  # one token for each run of a page whose visitor still waits for a picture


def run_demo(
    demo: Demo,
    config: Config,
    draw: Callable[[bytes], Any] | None = None,
    surround: Callable[[], None] = lambda: None,
    **extra: Any,
) -> tuple[Result, bytes]:
    """The result and the player's payload of `demo.run(config)`, computed or taken from the shared cache.

    draw: called once with the payload, as soon as it is known, which is before the checks and tables are computed.
    surround: may be called while that is computed, more than once: when the browser has had time to start the picture,
    or as soon as the picture takes longer than 0.15 s. extra: the player's settings, which are added to the payload.
    The result is shared between visitors: never change it. Only the payload holds the layers of the picture, so
    `result.picture.panels` is empty. Raises what `demo.run` raises.
    """
    drawn: list[bytes] = []  # the payload, as soon as this run of the page knows it
    undrawn_run = object()

    def draw_once(payload: bytes) -> None:
        drawn.append(payload)
        if draw is not None:
            draw(payload)
        _undrawn.discard(undrawn_run)

    def work(progress: Progress) -> tuple[tuple[Result, OnDisk], float]:
        payloads: list[bytes] = []

        def on_picture(picture: Picture) -> None:
            payloads.append(encode(picture))
            draw_once(with_extra(payloads[0], **extra))
            _let_the_picture_start()
            surround()
            _PLACES.step_aside(_stop_if_moved_on)  # pictures of other visitors come before these checks

        result = demo.start(config, progress, on_picture)
        light = dataclasses.replace(result, picture=dataclasses.replace(result.picture, panels=()))
        stored = OnDisk(payloads[0])
        return (light, stored), len(payloads[0]) / (DISK if stored.on_disk else 1) + size_of(light.tables)

    _undrawn.add(undrawn_run)
    try:
        key = (demo.name, config)
        while True:
            result, stored = _with_progress(_runs, key, work, "Computing", surround=surround)
            if drawn:
                break
            try:  # it came from the cache or from another visitor's run
                payload = with_extra(stored.read(), **extra)
            except OSError:  # it cannot be read from the disk any more: compute it again
                _runs.store.pop(key)
            else:
                draw_once(payload)
                break
    finally:
        _undrawn.discard(undrawn_run)
    return result, drawn[0]


def let_pictures_pass(start: float) -> None:
    """Sleep before the charts and texts of a page are computed, because pictures are more urgent.

    It sleeps until 0.1 s after `start` (monotonic seconds), when the picture was sent, so that the browser can start
    it, and up to 1 s after `start` while other visitors still wait for their pictures. It ends when the visitor moves
    on.
    """
    while time.monotonic() - start < (PATIENCE if _undrawn else BROWSER):
        time.sleep(TOUCH)
        st.session_state.get("-")


def _let_the_picture_start() -> None:
    """Sleep for 0.1 s after the picture was sent and before its checks are computed, unless other work waits.

    The checks are many small operations. Beside them the thread that sends the picture waits for the interpreter's
    lock again and again, and the browser, on a machine of few cores, for a core.
    """
    end = time.monotonic() + BROWSER
    while not _PLACES.queued and (left := end - time.monotonic()) > 0:
        time.sleep(min(left, BROWSER / 2))
        _stop_if_moved_on()


def cached(key: Hashable, function: Callable[[Progress], Any], label: str = "Computing") -> Any:
    """The value of `function(progress)`, cached by `key` for all visitors: for charts that are computed on demand.

    The key is a name followed by everything that the value depends on: ("langevin sweep", config). The value must not
    be None. It is shared: never change it. `progress` shows a bar with the label and raises when the visitor moves on.
    """

    def work(progress: Progress) -> tuple[Any, int]:
        value = function(progress)
        return value, size_of(value)

    return _with_progress(_charts, key, work, label)


def one_at_a_time(key: Hashable, function: Callable[[Progress], Any], label: str = "Computing") -> Any:
    """The value of `function(progress)`, not cached, as urgent as a picture, and for one visitor at a time.

    It is for a `function` that has a cache of its own: a visitor who waited for the same key calls it too, and should
    get the value at once.
    """
    return _with_progress(_charts, key, lambda progress: (function(progress), math.inf), label, urgent=True)


def forget() -> None:
    """Empty both caches; for tests."""
    _runs.store.clear()
    _charts.store.clear()


def size_of(value: Any) -> int:
    """About how many bytes a value holds: the size of arrays, tables and texts, the sum over the parts of containers,
    and 100 for anything else."""
    match value:
        case np.ndarray():
            return value.nbytes
        case bytes() | str():
            return len(value)
        case dict():
            return sum(size_of(part) for part in value.values())
        case list() | tuple():
            return sum(size_of(part) for part in value)
    if hasattr(value, "memory_usage"):  # a pandas frame or series; to ask it takes a tenth of a millisecond a column
        return 8 * int(value.size)
    if dataclasses.is_dataclass(value):
        return sum(size_of(getattr(value, field.name)) for field in dataclasses.fields(value))
    return 100


def _with_progress(
    shared: Shared,
    key: Hashable,
    work: Callable[[Progress], tuple[Any, float]],
    label: str,
    urgent: bool | None = None,
    surround: Callable[[], None] = lambda: None,
) -> Any:
    # The element for the bar is made in every run, used or not: if it came and went, all later elements would change
    # their place on the page, and the player would start anew.
    bar = _ProgressBar(label, st.empty(), surround)
    cancellable_work = cancellable(lambda _, progress: work(progress))  # every `checkpoint()` may end it
    try:
        value = shared.do(key, lambda: cancellable_work(None, bar.progress), bar.waiting, _visitor(), urgent)
    except Exception:  # not Streamlit's control exceptions: after one of them nothing may be drawn
        bar.close()
        raise
    finally:
        give_back()
    bar.close()
    return value


class _ProgressBar:
    """A progress bar that appears only when work takes longer than 0.3 s. It also ends the work of a run that the
    visitor has left.

    For the latter it reads the session state: then Streamlit raises its control exception in a run that is out of
    date. That is a BaseException, so that no `except Exception` on the way swallows it.
    """

    def __init__(self, label: str, slot: Any, surround: Callable[[], None]) -> None:
        self._label, self._slot, self._surround = label, slot, surround
        self._start = time.monotonic()
        self._touched = self._drawn = -1.0
        self._done = 0.0

    def progress(self, fraction: float) -> bool:
        self._done = _within(fraction)
        self._tick(lambda: f"{self._label}: {100 * self._done:.0f} %")
        _PLACES.share(lambda: self.waiting(Waiting(same=False)))  # long work lets others pass
        return True

    def waiting(self, why: Waiting) -> None:
        text = "The same is being computed already" if why.same else "Waiting for other runs to end"
        self._tick(lambda: f"{text}; this is {time.monotonic() - self._start:.0f} s")

    def _tick(self, text: Callable[[], str]) -> None:
        now = time.monotonic()
        if now - self._touched < TOUCH:
            return
        self._touched = now
        st.session_state.get("-")
        give_back()
        if now - self._start > SOON:
            self._surround()
        if now - self._start > QUIET and now - self._drawn > REDRAW:
            self._drawn = now
            self._slot.progress(self._done, text())

    def close(self) -> None:
        if self._drawn >= 0:
            self._slot.empty()


def _visitor() -> str | None:
    """The id of the session that this run belongs to; None outside of a page."""
    context = get_script_run_ctx(suppress_warning=True)
    return None if context is None else context.session_id


def _stop_if_moved_on() -> None:
    """Let Streamlit end this run of the page, if its visitor has moved on."""
    st.session_state.get("-")


def _within(fraction: float) -> float:
    return min(1.0, max(0.0, float(fraction)))
