"""Memory of one server process while ten visitors go through all scenes of all pages.

    python -m tests.benchmarks.bench_memory [--visitors 10] [--rounds 1] [--pages langevin,diffusion] [--apart] [--once]

Each visitor goes through the scenes of all pages in an order of his own, and stays. With `--once` the visitors share
out the scenes: each scene is visited by one of them, which takes a tenth of the time. The peak is the most that the
process ever had in memory (VmHWM); beside it stands what it consists of: memory of files that were mapped (libraries),
and memory of its own (Python's objects, arrays, what the allocator keeps). `--apart` takes page after page instead, all
visitors together, and says the peak of each. Linux only.
"""

from __future__ import annotations

import argparse
import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demos.registry import families
from tests.benchmarks.serving import serving
from tests.dashboard.client import visitor

BEFORE, PEAK = 520.0, 690.0  # MB: before the first visitor, and at the most
SETTLED, MOST = 3.0, 120.0  # seconds without growth after which a process is ready, and the longest wait for it
LOOK = 0.05  # seconds between two looks


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--visitors", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=1, help="how often each goes through all scenes")
    parser.add_argument("--pages", default=",".join(families()), help="names, separated by commas")
    parser.add_argument("--apart", action="store_true", help="page after page, and a peak for each")
    parser.add_argument("--once", action="store_true", help="each scene is visited by only one of the visitors")
    options = parser.parse_args()
    pages = {
        name: [(name, family.query(scene.config)) for scene in family.scenes]
        for name, family in families().items()
        if name in options.pages.split(",")
    }
    with serving() as (port, process):
        ready(port, process)
        before, peak = memory(process, "VmRSS"), 0.0
        print(f"before the first visitor of a page: {said(process)}")
        parts = pages if options.apart else {"all pages": [each for page in pages.values() for each in page]}
        for name, visits in parts.items():
            begin(process)
            start = time.monotonic()
            with watching(process) as most:
                count = visit(port, visits, options.visitors, options.rounds, options.once)
            took = time.monotonic() - start
            peaks = f"peak {most['VmHWM']:.0f} MB (own memory {most['RssAnon']:.0f}, files {most['RssFile']:.0f})"
            print(f"{name}: {peaks}, afterwards {said(process)}; {count} runs, {took:.0f} s", flush=True)
            peak = max(most["VmHWM"], peak)
    bars = (("before the first visitor (MB)", before, BEFORE), ("at the peak (MB)", peak, PEAK))
    for name, value, bar in bars:
        print(f"{name}: {value:.0f}; bar: ≤ {bar:g}: {'held' if value <= bar else 'MISSED'}")
    print(f"load {os.getloadavg()[0]:.1f}")
    return all(value <= bar for _, value, bar in bars)


def ready(port: int, process: int) -> None:
    """The home page once, and the imports that follow it in the background."""
    with visitor(port) as one:
        one.ask()
        one.read("script_finished", 120)
    most, since, end = 0.0, time.monotonic(), time.monotonic() + MOST
    while time.monotonic() - since < SETTLED and time.monotonic() < end:
        now = memory(process, "VmRSS")
        if now > most + 1:
            most, since = now, time.monotonic()
        time.sleep(LOOK)


def visit(port: int, visits: list[tuple[str, str]], visitors: int, rounds: int, once: bool = False) -> int:
    """All visitors at once, each in a thread of this process; gives the number of runs."""
    broken: list[BaseException] = []
    done: list[str] = []
    gone = threading.Barrier(visitors)  # nobody leaves before the others have seen all

    def walk(number: int) -> None:
        order, own = random.Random(number), visits[number::visitors] if once else visits
        try:
            with visitor(port) as one:
                for _ in range(rounds):
                    for name, query in order.sample(own, len(own)):
                        one.ask(name, query)
                        one.read("script_finished", 300)
                        done.append(name)
                gone.wait()
        except BaseException as problem:
            broken.append(problem)
            gone.abort()

    walkers = [threading.Thread(target=walk, args=(number,)) for number in range(visitors)]
    for walker in walkers:
        walker.start()
    for walker in walkers:
        walker.join()
    if broken:
        raise broken[0]
    return len(done)


@contextmanager
def watching(process: int) -> Iterator[dict[str, float]]:
    """The most of each kind of memory meanwhile, MB."""
    kinds, ended = ("RssAnon", "RssFile"), threading.Event()
    most = dict.fromkeys(kinds, 0.0)

    def look() -> None:
        while not ended.wait(LOOK):
            for kind in kinds:
                most[kind] = max(most[kind], memory(process, kind))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield most
    finally:
        ended.set()
        thread.join()
        most["VmHWM"] = memory(process, "VmHWM")


def begin(process: int) -> None:
    """From here on VmHWM counts anew."""
    Path(f"/proc/{process}/clear_refs").write_text("5")


def said(process: int) -> str:
    """What a process has now, in words."""
    rss, own, files = (memory(process, kind) for kind in ("VmRSS", "RssAnon", "RssFile"))
    return f"{rss:.0f} MB (own memory {own:.0f}, files {files:.0f})"


def memory(process: int, kind: str) -> float:
    """MB, from /proc (Linux)."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith(f"{kind}:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"/proc tells no {kind} of process {process}.")


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
