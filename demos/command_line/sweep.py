"""The command `python -m demos sweep langevin --vary seed=0:32 --out sweep.parquet`: many runs, one table."""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Collection, Iterator
from concurrent.futures import BrokenExecutor, Executor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm import tqdm

from demos.command_line.arguments import Arguments, Command, UsageError
from demos.command_line.run import NOT_WRITTEN
from demos.command_line.suggestions import value_like
from demos.command_line.vary import HELP, varied
from demos.common.numbers import counted
from demos.common.paths import not_written
from demos.sweeps import sweep
from demos.sweeps.table import verdicts
from demos.sweeps.work import FAILED

SOME_FAILED, BROKEN, INTERRUPTED = 1, 6, 128 + signal.SIGINT
STATUS = (
    f"0 every run was made, {SOME_FAILED} some failed, 2 bad arguments, {NOT_WRITTEN} the file could not be written,\n"
    f"{BROKEN} the cluster broke, {INTERRUPTED} interrupted; the same command then does what is missing"
)
ADDRESS = re.compile(r"(\w+://)?\S+:\d+")
PATIENCE = 10  # seconds to wait for the answer of a scheduler


def add_flags(group: Any) -> None:
    group.add_argument("--vary", action="append", default=[], metavar="FIELD=VALUES", help=HELP)
    group.add_argument(
        "--out", metavar="FILE", help="the .parquet file: one row for each check of each run; what it has is not redone"
    )
    group.add_argument("--workers", metavar="N", help="processes here. Default: one for each core")
    group.add_argument("--scheduler", metavar="ADDRESS", help="run on this Dask cluster (tcp://host:8786)")


def do(arguments: Arguments) -> int:
    """Run the sweep with a progress bar, print a summary, and return the exit status. Raises UsageError."""
    assert arguments.demo is not None
    out, workers, scheduler = (arguments.more[name] for name in ("out", "workers", "scheduler"))
    if not out:
        raise UsageError("A sweep needs a file for its table: --out sweep.parquet.")
    try:
        for name, value in arguments.values.items():
            arguments.demo.config.controls()[name].read(name, value)
        values = varied(arguments.demo, arguments.more["vary"])
        processes = _count(workers)
    except ValueError as problem:
        raise UsageError(str(problem) + value_like(arguments.demo.config, arguments.values)) from None
    for line in _plan(arguments, values):
        print(line)
    with _executor(scheduler) as executor, tqdm(unit="run", disable=None, dynamic_ncols=True) as bar:

        def report(there: int, total: int, failed: int) -> None:
            bar.total = total
            bar.set_postfix_str(f"{failed} failed" if failed else "", refresh=False)
            bar.update(there - bar.n)

        given = {"scene": arguments.scene or "", "fixed": arguments.values, "out": out, "report": report}
        try:
            frame = sweep(arguments.demo, values, **given, executor=executor, workers=processes)
        except ValueError as problem:
            raise UsageError(str(problem)) from None
        except KeyboardInterrupt:
            bar.close()
            print(
                f"Stopped. {bar.n:g} of {counted(bar.total, 'run')} are in {out}; the same command goes on.",
                file=sys.stderr,
            )
            return INTERRUPTED
        except OSError as problem:
            bar.close()
            print(not_written(Path(out), problem), file=sys.stderr)
            return NOT_WRITTEN
        except (BrokenExecutor, RuntimeError) as problem:
            bar.close()
            print(f"{problem} What was done is in {out}.", file=sys.stderr)
            return BROKEN
    return _summary(frame, out)


def _plan(arguments: Arguments, values: dict[str, Collection[Any]]) -> Iterator[str]:
    """Lines that list the values of each varied field, and the number of runs."""
    runs = 1
    for name, several in values.items():
        runs *= len(several)
        ends = [f"{value:.4g}" if isinstance(value, float) else str(value) for value in several]
        text = ", ".join(ends if len(ends) <= 4 else [*ends[:2], "…", ends[-1]])
        yield f"{name}: {text} ({len(ends)} values)"
    assert arguments.demo is not None
    yield f"{counted(runs, 'run')} of {arguments.demo.name}" + (f", scene {arguments.scene}" if arguments.scene else "")


def _summary(frame: pd.DataFrame, out: str) -> int:
    found = verdicts(frame)
    for verdict, count in sorted(found.items(), key=lambda item: -item[1]):
        print(f"{count:8,} {verdict}")
    if FAILED in found:
        for error, count in frame.loc[frame["verdict"] == FAILED, "error"].value_counts().head(3).items():
            print(f"         {count:,} × {error}")
    print(f"{out}: {len(frame):,} rows, {Path(out).stat().st_size:,} bytes")
    return SOME_FAILED if FAILED in found else 0


def _count(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdecimal() or not 1 <= int(text) <= 1024:
        raise ValueError(f"--workers {text} is not a number of processes from 1 to 1,024.")
    return int(text)


@contextmanager
def _executor(address: str | None) -> Iterator[Executor | None]:
    """A context with the executor of a Dask cluster; None without an address: local processes. Raises UsageError."""
    if address is None:
        yield None
        return
    if not ADDRESS.fullmatch(address):
        raise UsageError(f"--scheduler {address} is not an address such as tcp://host:8786.")
    try:
        from distributed import Client
    except ImportError:
        raise UsageError("--scheduler needs Dask: pip install distributed.") from None
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError) as problem:
        why = str(problem).splitlines()[0] if str(problem) else "no answer"
        raise UsageError(f"No Dask scheduler answers at {address} within {PATIENCE} seconds ({why}).") from None
    with client:
        executor = client.get_executor(pure=False)
        try:
            yield executor
        finally:
            executor.shutdown(wait=False)


SWEEP = Command(
    name="sweep",
    about="Run a demo over every combination of varied settings, and keep all rows in a table.",
    usage="--vary FIELD=VALUES --out FILE [--scene NAME] [flags]",
    flags=("--vary", "--out", "--workers", "--scheduler"),
    add_flags=add_flags,
    do=do,
    status=STATUS,
)
