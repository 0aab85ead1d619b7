"""How much the verdicts can say: every mutation on every scene that it matters to, and many unharmed random configs.

python -m tests.benchmarks.bench_verdicts [--demos langevin,film] [--configs 300] [--no-sabotage]
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import pytest

from demos.registry import demos
from tests.verdicts import mutations_of
from tests.verdicts.harness import Tally, noticed, random_configs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demos", default=",".join(demos()))
    parser.add_argument("--configs", type=int, default=300, help="unharmed random configs a demo")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-sabotage", action="store_true")
    options = parser.parse_args()
    for name in options.demos.split(","):
        if not options.no_sabotage:
            sabotage(name)
        if options.configs:
            honesty(name, options.configs, options.seed)


def sabotage(name: str) -> None:
    """Which mutation of which scene is noticed, and by which rows."""
    demo, seen, all_runs = demos()[name], 0, 0
    for scene in demo.scenes:
        whole = demo.run(scene.config).verdict
        for mutation in mutations_of(name):
            if not mutation.matters(demo, scene):
                continue
            all_runs += 1
            with pytest.MonkeyPatch.context() as monkeypatch:
                mutation.apply(monkeypatch)
                rows = noticed(whole, demo, scene.config)
            seen += bool(rows)
            print(f"  {name}/{scene.name:16} {mutation.name:24} {'; '.join(sorted(rows)) or 'NOT NOTICED'}", flush=True)
    if all_runs:
        print(f"{name}: {seen} of {all_runs} sabotaged runs noticed ({seen / all_runs:.0%})", flush=True)


def honesty(name: str, count: int, seed: int) -> None:
    """Reds of unharmed runs, how many runs have a truth beside them, and z-scores of each row."""
    demo, tally, start = demos()[name], Tally(), time.process_time()
    for config in random_configs(demo, count, seed, own_seeds=True):
        tally.add(demo, config)
    states = ", ".join(f"{state}: {n}" for state, n in sorted(tally.states.items()))
    print(f"{name}: {tally.runs} runs, {tally.with_truth / tally.runs:.0%} with a truth, {tally.rows} rows ({states})")
    for red in tally.reds:
        print(f"  RED {red}")
    for row, z in sorted(tally.z.items()):
        if len(z) >= 20:
            spread = f"mean {np.mean(z):+.2f}  sd {np.std(z):.2f}  largest {np.abs(z).max():.1f}"
            print(f"  z of {row:50} n {len(z):4}  {spread}")
    print(f"  {time.process_time() - start:.0f} s of one core", flush=True)


if __name__ == "__main__":
    main()
