"""A pool of local processes that can be restarted after one dies, and that ends with its parent process."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from typing import Any

UNGUARDED = (
    "A process of this sweep ended as soon as it began. In a script, call `sweep` under "
    "`if __name__ == '__main__':`, since each process imports the script; or there is too little memory."
)


def cores() -> int:
    """The number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Processes:
    """A ProcessPoolExecutor with `restart`, which makes a new pool after a process died.

    module: imported once before the processes are forked. `close` ends all processes at once: each holds one end of a
    pipe and exits when the other end is closed, by `close` or by the death of the parent. Raises RuntimeError if no
    process can be started.
    """

    def __init__(self, workers: int, module: str) -> None:
        self.workers = workers
        methods = multiprocessing.get_all_start_methods()
        self._context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
        if "forkserver" in methods:
            self._context.set_forkserver_preload([module])
        self._begin()
        try:
            self.submit(int).result()
        except BrokenExecutor:
            self.close()
            raise RuntimeError(UNGUARDED) from None

    def _begin(self) -> None:
        theirs, self._mine = self._context.Pipe(duplex=False)
        self._pool = ProcessPoolExecutor(self.workers, self._context, initializer=_live_by, initargs=(theirs,))
        self._theirs = theirs  # stays open: processes are started later, when they are needed

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """As of an executor. Raises BrokenExecutor, too, if the process that starts the others has died."""
        try:
            return self._pool.submit(work, *arguments)
        except EOFError as problem:
            raise BrokenExecutor("The process that starts the others died.") from problem

    def restart(self) -> None:
        self.close()
        self._begin()

    def close(self) -> None:
        self._mine.close()
        self._pool.shutdown(cancel_futures=True)
        self._theirs.close()


def _live_by(line: Any) -> None:  # a Connection, whose class depends on the platform
    """Initializer of each process: ignore Ctrl-C, which the parent handles, and exit when the pipe `line` is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        try:
            line.recv()
        except (EOFError, OSError):
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
