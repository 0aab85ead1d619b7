"""What a second process gains: the same sweep on one and on two, in turn; runs of about a second.

Efficiency is T₁/(2 T₂), by the clock on the wall: on an idle machine, or with real-time priority (`chrt -r 10 …`).
"whole" has the start of the processes in it, "runs" has not. Both tables must be the same but for the seconds.

python -m tests.benchmarks.bench_sweep [--rounds N] [--runs N]
"""

from __future__ import annotations

import argparse
import statistics
import sys
from time import perf_counter

import pandas as pd

from demos import sweep

BAR = 0.85
RUN = {"particles": 20_000, "steps": 1_000}  # about a second of one core
NOTHING = {"particles": 1, "steps": 1}


def timed(workers: int, runs: int, fixed: dict[str, int]) -> tuple[float, pd.DataFrame]:
    begun = perf_counter()
    frame = sweep("langevin", {"seed": range(runs)}, fixed=fixed, workers=workers)
    return perf_counter() - begun, frame


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--runs", type=int, default=12, help="of one sweep; even")
    given = parser.parse_args()
    timed(2, 2, NOTHING)  # imports
    start = {workers: statistics.median(timed(workers, 2, NOTHING)[0] for _ in range(3)) for workers in (1, 2)}
    whole, rest = [], []
    for _ in range(given.rounds):
        (one, first), (two, second) = timed(1, given.runs, RUN), timed(2, given.runs, RUN)
        pd.testing.assert_frame_equal(first.drop(columns="seconds"), second.drop(columns="seconds"))
        whole.append(one / (2 * two))
        rest.append((one - start[1]) / (2 * (two - start[2])))
        alone, beside = (frame.drop_duplicates("run")["seconds"].median() for frame in (first, second))
        print(f"one process {one:.2f} s, two {two:.2f} s; a run {alone:.2f} s alone, {beside:.2f} s beside another")
    print(f"start of the processes: one {start[1]:.2f} s, two {start[2]:.2f} s")
    print(f"efficiency of two processes, whole: {statistics.median(whole):.2f}; bar {BAR}")
    print(f"efficiency of two processes, runs: {statistics.median(rest):.2f}; bar {BAR}")
    return 0 if statistics.median(whole) >= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
