"""Contestants that do the same work, timed in turn in one process on one core."""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "JAX_PLATFORMS": "cpu",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}


@dataclass
class Contestant:
    """run() does the work once and returns what check() judges: (right, what was found, in words).

    The first call, which may compile, is not timed.
    """

    name: str
    run: Callable[[], Any]
    check: Callable[[Any], tuple[bool, str]]
    seconds: list[float] = field(default_factory=list)  # of the process on its one core: other processes do not count
    wall: list[float] = field(default_factory=list)  # by the clock
    right: bool = False
    found: str = ""

    @property
    def typical(self) -> float:
        return median(self.seconds)


@dataclass(frozen=True)
class Bar:
    """`left` must take at most `most` times the time of `right`."""

    left: str
    right: str
    most: float

    def words(self, contestants: dict[str, Contestant], clock: bool = False) -> tuple[float, bool, str]:
        """The ratio of the two times, whether it holds, and both in words; clock: of the times on the wall."""
        left, right = contestants[self.left], contestants[self.right]
        (a, b), (c, d) = (left.seconds, right.seconds), (left.wall, right.wall)
        if clock:
            a, b, c, d = c, d, a, b
        of = lambda x, y: median(i / j for i, j in zip(x, y, strict=True))  # of the same round and load
        ratio, holds = of(a, b), of(a, b) <= self.most
        line = (
            f"{self.left} / {self.right}: time ratio {ratio:.3f} (of the minima {min(a) / min(b):.3f}; "
            f"{'of the processor' if clock else 'by the clock'} {of(c, d):.3f}), speed ratio {1 / ratio:.2f}; "
            f"bar: time ≤ {self.most:.3f}, speed ≥ {1 / self.most:.2f}: {'held' if holds else 'MISSED'}"
        )
        return ratio, holds, line


def on_one_core(module: str) -> None:
    """Start the script again with every thread pool at one thread, on one core: pools read that when they load.

    With --free nothing is bound: what then uses several threads has them, and the clock on the wall judges.
    """
    if "--free" in sys.argv or all(os.environ.get(name) == value for name, value in ONE_THREAD.items()):
        return
    os.environ.update(ONE_THREAD)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    os.execv(sys.executable, [sys.executable, "-m", module, *sys.argv[1:]])


def arguments(words: str, repeats: int = 9) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=words)
    parser.add_argument("--repeats", type=int, default=repeats, help="timed rounds (median and minimum are printed)")
    parser.add_argument("--only", default="", help="names to run, separated by commas")
    parser.add_argument("--json", type=Path, help="write what was measured to this file")
    parser.add_argument("--free", action="store_true", help="bind nobody to one core; ratios are then of the clock")
    return parser.parse_args()


def race(contestants: Sequence[Contestant], repeats: int) -> dict[str, Contestant]:
    """One untimed round, checked; then rounds A B C, A B C, … so that every contestant meets the same load."""
    for contestant in contestants:
        contestant.right, contestant.found = contestant.check(contestant.run())
    gc.collect()
    gc.disable()
    for _ in range(repeats):
        for contestant in contestants:
            clock, started = perf_counter(), process_time()
            contestant.run()
            contestant.seconds.append(process_time() - started)
            contestant.wall.append(perf_counter() - clock)
        gc.collect()
    gc.enable()
    return {contestant.name: contestant for contestant in contestants}


def available(makers: Sequence[Callable[[], Contestant]], only: str = "") -> list[Contestant]:
    """The contestants that can be made here; the others are named with the module that they lack."""
    made, wanted = [], {name.strip() for name in only.split(",") if name.strip()}
    for maker in makers:
        try:
            made.append(maker())
        except ImportError as missing:
            print(f"left out {getattr(maker, 'func', maker).__name__}: {missing}")
    return [contestant for contestant in made if not wanted or contestant.name in wanted]


def report(
    contestants: dict[str, Contestant],
    bars: Sequence[Bar],
    unit: str,
    per: Callable[[float], float],
    rate_unit: str,
    rate: Callable[[float], float],
    out: Path | None,
    extra: dict | None = None,
) -> bool:
    """Print the table and the bars; True where every answer is right and every bar that could be measured holds."""
    width = max(len(name) for name in contestants)
    print(f"\n{'':{width}}  {unit:>8}  {'min':>8}  {'clock':>8}  {rate_unit:>18}  right  found")
    for one in contestants.values():
        times = "  ".join(f"{per(value):8.1f}" for value in (one.typical, min(one.seconds), median(one.wall)))
        print(f"{one.name:{width}}  {times}  {rate(one.typical):18.1f}  {'yes' if one.right else 'NO':5}  {one.found}")
    print()
    results = []
    for bar in bars:
        if bar.left in contestants and bar.right in contestants:
            ratio, holds, line = bar.words(contestants, clock="--free" in sys.argv)
            results.append(asdict(bar) | {"ratio": ratio, "holds": holds})
            print(line)
    if out is not None:
        table = {
            name: {"seconds": one.seconds, "wall": one.wall, "right": one.right, "found": one.found}
            for name, one in contestants.items()
        }
        known = {"machine": machine(), "contestants": table, "bars": results} | (extra or {})
        out.write_text(json.dumps(known, indent=1))
    return all(result["holds"] for result in results) and all(one.right for one in contestants.values())


def machine() -> dict[str, str]:
    names = ("torch", "numpy", "scipy", "jax", "diffrax", "blackjax", "torchsde", "torchdiffeq")
    return {"python": platform.python_version(), "system": platform.platform(), "processor": _processor()} | {
        name: found for name in names if (found := _version(name))
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()
