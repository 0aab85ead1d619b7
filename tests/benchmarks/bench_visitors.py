"""How soon a run that was left can end: it ends where it reports its progress.

    python -m tests.benchmarks.bench_visitors [--pages langevin,diffusion]

The number is the longest time between two reports of any scene, of the processor's time: a busy machine does not
count. `bench_memory` says how much memory ten visitors take, `bench_queue` how long one waits beside others.
"""

from __future__ import annotations

import argparse
import os
import time

for pool in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):  # as the dashboard does; before NumPy is imported
    os.environ.setdefault(pool, "1")

from demos.registry import families  # noqa: E402

GAP = 100.0  # ms


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", default=",".join(families()), help="names, separated by commas")
    chosen = parser.parse_args().pages.split(",")
    demos = {name: demo for page in chosen for name, demo in families()[page].members.items()}
    gaps = {
        f"{name} {scene.name}": longest_gap(demo, scene.config) for name, demo in demos.items() for scene in demo.scenes
    }
    for name, (gap, warm) in sorted(gaps.items(), key=lambda item: -item[1][1])[:8]:
        print(f"{name:40} {1e3 * gap:6.0f} ms at first, {1e3 * warm:6.0f} ms again")
    longest = 1e3 * max(warm for _, warm in gaps.values())
    held = longest <= GAP
    print(f"longest time between two reports (ms): {longest:.0f}; bar: ≤ {GAP:g}: {'held' if held else 'MISSED'}")
    return held


def longest_gap(demo, config) -> tuple[float, float]:
    """Seconds of the processor between two reports of a run, the longest: of the first run, and of a second one."""
    found = []
    for _ in range(2):
        seen = [time.thread_time()]
        demo.start(config, lambda done, seen=seen: seen.append(time.thread_time()), lambda picture: None)
        seen.append(time.thread_time())
        found.append(max(b - a for a, b in zip(seen, seen[1:], strict=False)))
    return found[0], found[1]


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
