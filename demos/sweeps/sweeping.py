"""Many runs of a demo."""

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
"""Called with the runs that are there, all runs, and how many of those there failed."""


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

    demo: its name, a page's name for its first demo, or the demo itself. scene: begin with its settings, not with the
    defaults. fixed: fields that have one value. What goes along with a value (`Config.adapt`) does so here.
    executor: any of `concurrent.futures`, or one that behaves so, as `distributed.Client(address).get_executor()`; it
    stays open. By default `workers` processes here, one for each core.
    out: a .parquet file that is kept whole during the sweep and at its end, also by Ctrl-C. If it is there, only what
    is missing in it is run: runs that failed, or were not asked for yet.

    The frame, in the order of the combinations, the last varied field fastest:
    run, a number from 0; the fields of the config; verdict, headline and seconds of the run; check, about ("picture"
    or "code"), measured, truth, predicted, uncertainty (one standard error), predicted_error, difference (measured −
    truth), allowed, unit and state of the row. A run that raises, or whose settings do not go together, does not end
    the sweep: it has one row, with the verdict "failed" and its error. `frame.attrs` names demo and version.

    Raises ValueError in one sentence for fields, values and files that will not do, OSError where the file cannot be
    written, BrokenExecutor where a given executor breaks: what was done by then is in the file.
    """
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
        if runs and executor is None:
            pool = Processes(min(workers or cores(), len(runs)), chosen.run.__module__)
        for point, outcome in outcomes(chosen.run, runs, executor or pool) if runs else ():
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
