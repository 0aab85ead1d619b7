"""Slow imports, done once in a background thread; a page waits only for the imports that it needs itself.

This module does not depend on Streamlit. One thread does all imports one after another, because two threads that import
the same packages slow each other down and may see partly initialized modules.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

POLL = 0.05  # seconds between two checks by a waiting page
GRACE = 2.0  # the most seconds that the other imports stand still while a page that waited draws its picture


@dataclass
class Step:
    """One import. words: how a waiting page names it to its visitor. call: does the import. error: what `call` raised,
    if it failed."""

    name: str
    words: str
    call: Callable[[], object]
    done: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None


class Imports:
    """A queue of imports: `start()` starts its thread, and `wait(name, on_wait)` returns when the step `name` is done.

    A step that a page waits for is moved to the front of the queue, behind the first step, which is always done first.
    After it the other steps stand still until the page calls `start` at its end, or another page waits, or two seconds
    are over: beside them the page's picture would take half as long again. `finish` is called once, after the last
    step. If a step fails, every page that waits for it raises its error, and the other steps are still done.
    """

    def __init__(self, steps: Sequence[Step], finish: Callable[[], object] = lambda: None) -> None:
        self._steps = {step.name: step for step in steps}
        self._waiting = list(steps)
        self._finish = finish
        self._lock = threading.Lock()
        self._hurry = threading.Event()
        self._awaited: set[str] = set()  # names of steps that a page has waited for
        self._go_on = threading.Event()
        self._thread: threading.Thread | None = None
        self._now: Step | None = None

    def start(self, delay: float = 0.0) -> None:
        """Start the thread, unless it is running. It first waits `delay` seconds, so that the page on show has the
        processor to itself, or until a page waits for a step. A thread that stands still for a picture goes on."""
        self._go_on.set()
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, args=(delay,), name="imports", daemon=True)
                self._thread.start()

    def wait(self, name: str, on_wait: Callable[[str], object]) -> None:
        """Wait until the step `name` is done.

        on_wait(words) is called every 50 ms with the `words` of the step in progress. An exception that it raises (the
        visitor moved on) ends the waiting, not the import. Raises the error of the step, if it failed.
        """
        step, first = self._steps[name], next(iter(self._steps.values()))
        with self._lock:
            if not step.done.is_set():
                self._awaited.add(name)
            if step in self._waiting:
                self._waiting.sort(key=lambda one: (one is not first, one is not step))  # stable
        self._hurry.set()
        self.start()
        while not step.done.wait(POLL):
            on_wait((self._now or step).words)
        if step.error is not None:
            raise step.error.with_traceback(None)  # all pages raise the same object: its traceback must not grow

    def _work(self, delay: float) -> None:
        self._hurry.wait(delay)
        while True:
            with self._lock:
                if not self._waiting:
                    break
                self._now = step = self._waiting.pop(0)
            try:
                step.call()
            except BaseException as problem:  # also SystemExit: the pages that wait must raise it
                step.error = problem
            step.done.set()
            self._let_draw(step)
        self._now = None
        self._finish()

    def _let_draw(self, step: Step) -> None:
        """Stand still while the page that waited for `step` draws its picture, unless another page waits."""
        self._go_on.clear()
        with self._lock:
            rest = step.name in self._awaited and not any(one.name in self._awaited for one in self._waiting)
        if rest:
            self._go_on.wait(GRACE)
