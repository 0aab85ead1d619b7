"""Memory of one server over 500 reruns and 100 visitors who come and go: does it come back to what it was?

    python -m tests.benchmarks.bench_soak [--reruns 500] [--visitors 100] [--soaks 1]

First a lap that fills what is meant to be kept: every page with as many seeds as its caches hold, until the memory no
longer grows. Then the soak: visitors, four at a time, each with five reruns of one page with seeds that are new, who
leave without a word. Before and after it the benchmark waits until all visitors have been forgotten (Streamlit keeps a
session for a minute), so that the same is compared: a server with full caches and without visitors. `--soaks 2` does it
twice, and shows whether the memory goes on growing.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import threading
import time

from demos.registry import families
from tests.benchmarks.bench_memory import memory, ready, said
from tests.benchmarks.serving import serving
from tests.dashboard.client import visitor

GROWTH = 0.05
AT_ONCE = 4
LAP = 70  # runs of a lap: a few more than the caches keep
MOST_LAPS, SETTLED = 6, 0.02  # laps at most before the soak; growth of one that is none
FORGOTTEN = 75.0  # seconds until Streamlit has forgotten a session that was left
SMALL = {"langevin": "particles=500", "diffusion": "particles=500"}


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reruns", type=int, default=500)
    parser.add_argument("--visitors", type=int, default=100)
    parser.add_argument("--soaks", type=int, default=1, help="how often; the last one counts")
    options = parser.parse_args()
    seeds = itertools.count(1)
    with serving() as (port, process):
        ready(port, process)
        print(f"at first: {said(process)}", flush=True)
        before = 0.0
        for lap in range(MOST_LAPS):
            soak(port, seeds, LAP, LAP // 5)
            now = rest(process)
            print(f"lap {lap + 1}: {said(process)}", flush=True)
            if now < (1 + SETTLED) * before:
                break
            before = now
        time.sleep(FORGOTTEN)
        before = after = rest(process)
        print(f"without visitors: {said(process)}", flush=True)
        for _ in range(options.soaks):
            start = time.monotonic()
            soak(port, seeds, options.reruns, options.visitors)
            took = time.monotonic() - start
            time.sleep(FORGOTTEN)
            after = rest(process)
            print(f"{options.reruns} reruns, {options.visitors} visitors, {took:.0f} s: {said(process)}", flush=True)
    growth = after / before - 1
    held = growth <= GROWTH
    print(f"growth {100 * growth:+.1f} %, bar: ≤ {100 * GROWTH:g} %: {'held' if held else 'MISSED'}", end="; ")
    print(f"load {os.getloadavg()[0]:.1f}")
    return held


def soak(port: int, seeds: itertools.count, reruns: int, visitors: int) -> None:
    """So many reruns, shared by so many visitors, some at a time."""
    broken: list[BaseException] = []
    names, numbers = list(families()), iter(range(visitors))
    each = max(1, reruns // visitors)

    def come_and_go() -> None:
        for number in numbers:
            name = names[number % len(names)]
            try:
                with visitor(port) as one:
                    for _ in range(each):
                        one.ask(name, f"{SMALL.get(name, '')}&seed={next(seeds)}")
                        one.read("script_finished", 300)
            except BaseException as problem:
                broken.append(problem)
                return

    threads = [threading.Thread(target=come_and_go) for _ in range(min(AT_ONCE, visitors))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if broken:
        raise broken[0]


def rest(process: int) -> float:
    """MB at rest: the median of five seconds."""
    return statistics.median(_a_moment_later(process) for _ in range(10))


def _a_moment_later(process: int) -> float:
    time.sleep(0.5)
    return memory(process, "VmRSS")


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
