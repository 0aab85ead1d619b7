"""From a config to what is drawn: run a demo, once for all visitors, and stop when the visitor moves on."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.runtime.memory import give_back
from dashboard.runtime.on_disk import OnDisk
from dashboard.runtime.places import Places
from dashboard.runtime.single_flight import Shared, Waiting
from demos.common.progress import Progress, cancellable
from demos.contract import Config, Demo, Result
from demos.picture import Picture
from demos.picture.payload import encode, with_extra

QUIET = 0.3  # seconds; work that is done sooner shows no progress
REDRAW = 0.1  # seconds between two messages to the browser
TOUCH = 0.02  # seconds between two checks whether the visitor left this run
BROWSER = 0.1  # seconds for the new picture alone: what the browser draws of the rest would hold up its motion
PATIENCE = 1.0  # seconds that the rest of a page waits at most for the pictures of other visitors

# Ten visitors on one process stay under 690 MB: about 430 are torch, SciPy and the demos. Payloads are kept on disk.
DISK = 16  # bytes on disk that count like one in memory
_PLACES = Places(2)  # for all heavy work of the process, of whichever store
_runs = Shared(entries=64, size=16 << 20, places=_PLACES)
_charts = Shared(entries=128, size=8 << 20, places=_PLACES, urgent=False)
_undrawn: set[object] = set()  # runs of pages whose visitor waits for a picture


def run_demo(
    demo: Demo, config: Config, draw: Callable[[bytes], Any] | None = None, **extra: Any
) -> tuple[Result, bytes]:
    """The result and the player's payload of `demo.run(config)`; from the shared cache where it is there.

    draw: called once with the payload, as soon as it is known: before the checks and tables are. `extra` are the
    player's settings that travel in the payload. The result is shared between visitors: never change it. The layers of
    its picture live in the payload alone, so `result.picture.panels` is empty. Raises what `demo.run` raises.
    """
    undrawn, undrawn_run = [] if draw is None else [draw], object()

    def draw_once(payload: bytes) -> None:
        if undrawn:
            undrawn.pop()(payload)
        _undrawn.discard(undrawn_run)

    def work(progress: Progress) -> tuple[tuple[Result, OnDisk], float]:
        payloads: list[bytes] = []

        def on_picture(picture: Picture) -> None:
            payloads.append(encode(picture))
            draw_once(with_extra(payloads[0], **extra))
            _PLACES.step_aside(_moved_on)  # pictures of other visitors come before these checks

        result = demo.start(config, progress, on_picture)
        light = dataclasses.replace(result, picture=dataclasses.replace(result.picture, panels=()))
        kept = OnDisk(payloads[0])
        return (light, kept), len(payloads[0]) / (DISK if kept.on_disk else 1) + size_of(light.tables)

    _undrawn.add(undrawn_run)
    try:
        key = (demo.name, config)
        result, kept = _with_progress(_runs, key, work, "Computing")
        try:
            payload = with_extra(kept.read(), **extra)
        except OSError:  # the disk has lost it
            _runs.store.pop(key)
            result, kept = _with_progress(_runs, key, work, "Computing")
            payload = with_extra(kept.read(), **extra)
        draw_once(payload)  # from the cache, or another visitor's work
    finally:
        _undrawn.discard(undrawn_run)
    return result, payload


def let_pictures_pass(start: float) -> None:
    """Sleep until the browser has had a moment for the picture that it was sent at `start` (monotonic seconds), and
    while other visitors still wait for theirs: what comes now, charts and words, is less urgent.

    Not longer than a second. A visitor who moves on is not kept waiting.
    """
    while time.monotonic() - start < (PATIENCE if _undrawn else BROWSER):
        time.sleep(TOUCH)
        st.session_state.get("-")


def cached(key: Hashable, function: Callable[[Progress], Any], label: str = "Computing") -> Any:
    """`function(progress)`, cached by `key` for all visitors: for charts that are computed on demand.

    The key must say everything the value depends on, beginning with a name: ("langevin sweep", config). The value
    (not None) is shared: never change it. `progress` shows a bar and raises when the visitor moves on.
    """

    def work(progress: Progress) -> tuple[Any, int]:
        value = function(progress)
        return value, size_of(value)

    return _with_progress(_charts, key, work, label)


def one_at_a_time(key: Hashable, function: Callable[[Progress], Any], label: str = "Computing") -> Any:
    """`cached` for what has a cache of its own, and comes before a picture: done for one visitor at a time.

    Another visitor who waited calls `function` too, which should then give at once what is there.
    """
    return _with_progress(_charts, key, lambda progress: (function(progress), math.inf), label, urgent=True)


def forget() -> None:
    """Empty all caches: for tests."""
    _runs.store.clear()
    _charts.store.clear()


def size_of(value: Any) -> int:
    """About how many bytes a value holds: arrays and frames are measured, containers are walked, the rest is 100."""
    match value:
        case np.ndarray():
            return value.nbytes
        case bytes() | str():
            return len(value)
        case dict():
            return sum(size_of(part) for part in value.values())
        case list() | tuple():
            return sum(size_of(part) for part in value)
    if hasattr(value, "memory_usage"):  # a pandas frame or series
        used = value.memory_usage()  # not deep: that would look at every text
        return int(used.sum() if hasattr(used, "sum") else used)
    if dataclasses.is_dataclass(value):
        return sum(size_of(getattr(value, field.name)) for field in dataclasses.fields(value))
    return 100


def _with_progress(
    shared: Shared,
    key: Hashable,
    work: Callable[[Progress], tuple[Any, float]],
    label: str,
    urgent: bool | None = None,
) -> Any:
    # The place for the bar is made in every run, used or not: were it made only when needed, all that follows would
    # change its place on the page, and the player would start anew.
    bar = _ProgressBar(label, st.empty())
    cancellable_work = cancellable(lambda _, progress: work(progress))  # so that every `checkpoint()` may end it
    try:
        value = shared.do(key, lambda: cancellable_work(None, bar.progress), bar.waiting, _visitor(), urgent)
    except Exception:  # not the control exceptions: a run that ends draws no more
        bar.close()
        raise
    finally:
        give_back()
    bar.close()
    return value


class _ProgressBar:
    """A progress bar that appears only when it is needed, and the place where a stale run of the page ends.

    Reading the session state lets Streamlit raise its control exception in a run that the visitor has left; it is
    a BaseException, so no `except Exception` on the way swallows it.
    """

    def __init__(self, label: str, slot: Any) -> None:
        self._label, self._slot = label, slot
        self._start = time.monotonic()
        self._touched = self._drawn = -1.0
        self._done = 0.0

    def progress(self, fraction: float) -> bool:
        self._done = _within(fraction)
        self._tick(lambda: f"{self._label}: {100 * self._done:.0f} %")
        _PLACES.share(lambda: self.waiting(Waiting(same=False)))  # long work lets others in between
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
        if now - self._start > QUIET and now - self._drawn > REDRAW:
            self._drawn = now
            self._slot.progress(self._done, text())

    def close(self) -> None:
        if self._drawn >= 0:
            self._slot.empty()


def _visitor() -> str | None:
    """The session that asks, None outside of a page."""
    context = get_script_run_ctx(suppress_warning=True)
    return None if context is None else context.session_id


def _moved_on() -> None:
    """Let Streamlit end a run of the page that its visitor has left."""
    st.session_state.get("-")


def _within(fraction: float) -> float:
    return min(1.0, max(0.0, float(fraction)))
