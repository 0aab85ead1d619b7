"""`sweep`: run a demo for many configs, and collect the checks in a table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import pandas as pd

from demos.contract import Config, Demo
from demos.contract.config import quoted
from demos.registry import FAMILIES, demo, family
from demos.sweeps.mapping import outcomes
from demos.sweeps.points import points
from demos.sweeps.processes import Processes, cores
from demos.sweeps.table import Table
from demos.sweeps.work import failure

Report = Callable[[int, int, int], None]
"""Called with the number of finished runs, the number of all runs, and the number of failed ones."""


def sweep(
    demo: str | Demo,
    vary: Mapping[str, Collection[Any]],
    *,
    scene: str = "",
    fixed: Mapping[str, Any] | None = None,
    out: str | Path | None = None,
    executor: Executor | None = None,
    workers: int | None = None,
    report: Report | None = None,
) -> pd.DataFrame:
    """Run a demo for every combination of the values of some fields, and return one row for each check of each run.

        sweep("langevin", {"step": np.geomspace(0.001, 0.1, 20), "seed": range(32)}, scene="bias", out="bias.parquet")

    demo: the name of a demo, the name of a page (its first demo), or the demo itself. vary: field -> values.
    scene: the scene whose settings replace the defaults. fixed: field -> value, the same in all runs. Other fields are
    adapted to these by `Config.adapt`.
    executor: one of `concurrent.futures`, or one with the same interface, such as
    `distributed.Client(address).get_executor()`; it is not shut down. None: `workers` local processes, by default one
    for each core.
    out: a .parquet file, updated during the sweep and at its end, also after Ctrl-C. If it exists, only those runs are
    made that it does not contain or that failed.

    The rows are in the order of the combinations, in which the last varied field changes fastest. The columns: run, a
    number from 0; the fields of the config; verdict, headline and seconds of the run; check, about ("picture" or
    "code"), measured, truth, predicted, uncertainty (one standard error), predicted_error, difference (measured −
    truth), allowed, unit and state of the check. A run that raises an exception, or whose settings are not allowed in
    combination, does not end the sweep: it has one row, with the verdict "failed" and its error. `frame.attrs` has demo
    and version.

    Raises ValueError, with one sentence, for fields, values and files that cannot be used, OSError if the file cannot
    be written, and BrokenExecutor if a given executor breaks; the runs finished by then are in the file.
    """
    if workers is not None and not (isinstance(workers, int) and workers >= 1):
        raise ValueError(f"workers = {quoted(workers)} must be a whole number ≥ 1.")
    chosen = _demo(demo)
    base = _scene(chosen, scene)
    todo = points(chosen, vary, fixed or {}, base)
    table = Table(chosen, todo, None if out is None else Path(out))
    missing = [point for point in todo if point.fields not in table.done]
    failed, pool = 0, None

    def tell() -> None:
        if report is not None:
            report(len(table.done), len(todo), failed)

    try:
        for point in missing:
            if point.config is None:
                table.add(point, failure(point.refused))
                failed += 1
        tell()
        runs = [point for point in missing if point.config is not None]
        if runs:
            at_work = executor
            if at_work is None:
                at_work = pool = Processes(min(workers or cores(), len(runs)), chosen.run.__module__)
            for point, outcome in outcomes(chosen.run, runs, at_work):
                table.add(point, outcome)
                failed += outcome.failed
                tell()
    finally:
        if pool is not None:
            pool.close()
        table.write()
    return table.frame()


def _demo(wanted: str | Demo) -> Demo:
    if isinstance(wanted, Demo):
        return wanted
    if wanted in FAMILIES:
        return family(wanted).default
    try:
        return demo(wanted)
    except KeyError:
        raise ValueError(f"{quoted(wanted)} is not the name of a demo.") from None


def _scene(demo: Demo, name: str) -> Config | None:
    if not name:
        return None
    for scene in demo.scenes:
        if scene.name == name:
            return scene.config
    raise ValueError(f"{quoted(name)} is not a scene of {demo.name}.")
