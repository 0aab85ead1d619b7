"""Runs over an executor, in the order in which they end."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from typing import Any

from demos.contract import Result
from demos.sweeps.points import Point
from demos.sweeps.processes import Processes
from demos.sweeps.work import Outcome, failure, outcome_of

AHEAD = 256  # runs handed to an executor of unknown size at a time
DIED = "its process died, twice: out of memory, or a crash in native code"


def outcomes(
    run: Callable[[Any], Result], todo: Iterable[Point], executor: Executor | Processes
) -> Iterator[tuple[Point, Outcome]]:
    """Each point with its outcome. What is not begun is cancelled when the iterator is closed.

    A process that dies takes all runs in flight with it, and nobody says which one killed it. So `Processes` begin
    again and do these one at a time: the one that then dies alone is recorded as failed. Other executors raise
    BrokenExecutor.
    """
    waiting, suspects = deque(todo), deque[Point]()
    running: dict[Future[Outcome], Point] = {}
    blamed: Point | None = None  # the last one that was alone when a process died
    ahead = 2 * executor.workers if isinstance(executor, Processes) else AHEAD
    try:
        while waiting or suspects or running:
            source, room = (suspects, 1) if suspects else (waiting, ahead)
            died: list[Point] = []
            try:
                while source and len(running) < room:
                    running[executor.submit(outcome_of, run, source[0].config)] = source[0]
                    source.popleft()
            except BrokenExecutor:
                if not isinstance(executor, Processes):
                    raise
                if not running:
                    executor.restart()
                    continue
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                point = running.pop(future)
                try:
                    outcome = future.result()
                except BrokenExecutor:
                    died.append(point)
                    continue
                except CancelledError:
                    raise BrokenExecutor("The executor cancelled a run.") from None
                except Exception as problem:  # what was sent, or came back, could not be unpacked
                    outcome = failure(problem)
                yield point, outcome
            if died:
                if not isinstance(executor, Processes):
                    raise BrokenExecutor("A worker of the executor died.")
                died += running.values()
                running.clear()
                executor.restart()
                if died == [blamed]:
                    yield blamed, failure(DIED)
                else:
                    suspects.extendleft(died)
                    blamed = died[0] if len(died) == 1 else None
    finally:
        for future in running:
            future.cancel()
