"""Imports that take seconds, done once and behind the page that is on show: a page that needs one waits for that alone.

Nothing in here knows Streamlit. All of it runs in one thread, one import after another: two threads that import the
same packages hinder each other, and may meet half-made modules.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

POLL = 0.05  # seconds between two looks of a waiting page


@dataclass
class Step:
    """One import: its name, what a page says while it lasts, and the call that does it."""

    name: str
    words: str
    call: Callable[[], object]
    done: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None


class Imports:
    """`start()` begins; `wait(name, on_wait)` returns when that step is done, and does it next where it is not.

    The first step is done before any other. `finish` is called once, in the end. A step that fails raises its error in
    every page that waits for it; the others go on.
    """

    def __init__(self, steps: Sequence[Step], finish: Callable[[], object] = lambda: None) -> None:
        self._steps = {step.name: step for step in steps}
        self._waiting = list(steps)
        self._finish = finish
        self._lock = threading.Lock()
        self._hurry = threading.Event()
        self._thread: threading.Thread | None = None
        self._now: Step | None = None

    def start(self, delay: float = 0.0) -> None:
        """Begin, once, after `delay` seconds in which the page on show has the processor for itself."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, args=(delay,), name="imports", daemon=True)
                self._thread.start()

    def wait(self, name: str, on_wait: Callable[[str], object]) -> None:
        """Until that step is done. on_wait(words): called every 50 ms with what is being done now; an exception out of
        it (the visitor moved on) ends the waiting, not the import."""
        step, first = self._steps[name], next(iter(self._steps.values()))
        with self._lock:
            if step in self._waiting:
                self._waiting.sort(key=lambda one: (one is not first, one is not step))  # stable
        self._hurry.set()
        self.start()
        while not step.done.wait(POLL):
            on_wait((self._now or step).words)
        if step.error is not None:
            raise step.error.with_traceback(None)  # shared by all pages: it must not grow

    def _work(self, delay: float) -> None:
        self._hurry.wait(delay)
        while True:
            with self._lock:
                if not self._waiting:
                    break
                self._now = step = self._waiting.pop(0)
            try:
                step.call()
            except BaseException as problem:  # whatever it is, those who wait must hear of it
                step.error = problem
            step.done.set()
        self._now = None
        self._finish()
