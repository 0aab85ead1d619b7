"""Ten visitors on one process: how much memory it takes, and how soon a run that was left can end.

    python -m tests.benchmarks.bench_visitors [--visitors 10] [--rounds 2] [--pages langevin,diffusion]

Memory: each visitor goes through the scenes of every page, in an order of his own, and stays; the number is the most
that the server's process ever had in memory (VmHWM). A run can end where it reports its progress: the other number is
the longest time between two reports of any scene, of the processor's time, so that a busy machine does not count.
"""

from __future__ import annotations

import argparse
import os
import random
import threading
import time
from pathlib import Path

for pool in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):  # as the dashboard does; before NumPy is imported
    os.environ.setdefault(pool, "1")

from demos.registry import demos  # noqa: E402
from tests.benchmarks.serving import serving  # noqa: E402
from tests.dashboard.client import visitor  # noqa: E402

MEMORY, GAP = 690.0, 100.0  # MB; ms


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--visitors", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=2, help="how often each goes through all scenes")
    parser.add_argument("--pages", default=",".join(demos()), help="names, separated by commas")
    options = parser.parse_args()
    chosen = {name: demo for name, demo in demos().items() if name in options.pages.split(",")}
    scenes = [(name, scene.config) for name, demo in chosen.items() for scene in demo.scenes]
    gaps = {
        f"{name} {scene.name}": longest_gap(demo, scene.config)
        for name, demo in chosen.items()
        for scene in demo.scenes
    }
    for name, (gap, warm) in sorted(gaps.items(), key=lambda item: -item[1][1])[:8]:
        print(f"{name:40} {1e3 * gap:6.0f} ms at first, {1e3 * warm:6.0f} ms again")
    with serving() as (port, process):
        begin = memory(process, "VmRSS")
        visit(port, scenes, options.visitors, options.rounds)
        peak, end = memory(process, "VmHWM"), memory(process, "VmRSS")
    print(
        f"{options.visitors} visitors, {len(scenes)} scenes, {options.rounds} rounds, load {os.getloadavg()[0]:.1f}: "
        f"{begin:.0f} MB at first, {end:.0f} MB in the end"
    )
    longest = 1e3 * max(warm for _, warm in gaps.values())
    bars = (("most memory (MB)", peak, MEMORY), ("longest time between two reports (ms)", longest, GAP))
    for name, value, bar in bars:
        print(f"{name}: {value:.0f}; bar: ≤ {bar:g}: {'held' if value <= bar else 'MISSED'}")
    return all(value <= bar for _, value, bar in bars)


def longest_gap(demo, config) -> tuple[float, float]:
    """Seconds of the processor between two reports of a run, the longest: of the first run, and of a second one."""
    found = []
    for _ in range(2):
        seen = [time.thread_time()]
        demo.start(config, lambda done, seen=seen: seen.append(time.thread_time()), lambda picture: None)
        seen.append(time.thread_time())
        found.append(max(b - a for a, b in zip(seen, seen[1:], strict=False)))
    return found[0], found[1]


def visit(port: int, scenes: list, visitors: int, rounds: int) -> None:
    """All visitors at once, each in a thread of this process."""
    broken: list[BaseException] = []

    def walk(number: int) -> None:
        try:
            order = random.Random(number)
            with visitor(port) as one:
                for _ in range(rounds):
                    for name, config in order.sample(scenes, len(scenes)):
                        one.ask(name, config.query())
                        one.read("script_finished", 300)
        except BaseException as problem:
            broken.append(problem)

    walkers = [threading.Thread(target=walk, args=(number,)) for number in range(visitors)]
    for walker in walkers:
        walker.start()
    for walker in walkers:
        walker.join()
    if broken:
        raise broken[0]


def memory(process: int, which: str) -> float:
    """MB, from /proc (Linux)."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith(which):
            return int(line.split()[1]) / 1024
    raise ValueError(f"/proc tells no {which} of process {process}.")


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
