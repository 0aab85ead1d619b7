"""Runs on an executor, in the order in which they end."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from typing import Any

from demos.contract import Result
from demos.sweeps.points import Point
from demos.sweeps.processes import Processes
from demos.sweeps.work import Outcome, failure, outcome_of

AHEAD = 256  # the most runs submitted at a time to an executor of unknown size
DIED = "its process died, twice: out of memory, or a crash in native code"


def outcomes(
    run: Callable[[Any], Result], todo: Iterable[Point], executor: Executor | Processes
) -> Iterator[tuple[Point, Outcome]]:
    """Run each point and yield it with its outcome. Closing the iterator cancels the runs that have not begun.

    If a process dies, all submitted runs are lost, and it is not known which one was the cause. `Processes` is then
    restarted, and these runs are repeated one at a time; a run whose process dies again is recorded as failed. With any
    other executor, BrokenExecutor is raised.
    """
    waiting, suspects = deque(todo), deque[Point]()
    running: dict[Future[Outcome], Point] = {}
    blamed: Point | None = None  # the run during which, alone, a process died before
    ahead = 2 * executor.workers if isinstance(executor, Processes) else AHEAD
    try:
        while waiting or suspects or running:
            source, room = (suspects, 1) if suspects else (waiting, ahead)
            died: list[Point] = []
            try:
                while source and len(running) < room:
                    config = source[0].config
                    assert config is not None  # points without a config are recorded as failed and not given here
                    running[executor.submit(outcome_of, run, config)] = source[0]
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
                except Exception as problem:  # arguments or result could not be unpickled
                    outcome = failure(problem)
                yield point, outcome
            if died:
                if not isinstance(executor, Processes):
                    raise BrokenExecutor("A worker of the executor died.")
                died += running.values()
                running.clear()
                executor.restart()
                if blamed is not None and died == [blamed]:
                    yield blamed, failure(DIED)
                else:
                    suspects.extendleft(died)
                    blamed = died[0] if len(died) == 1 else None
    finally:
        for future in running:
            future.cancel()
