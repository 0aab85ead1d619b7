"""How much the verdicts can say: every mutation on every scene that it matters to, and many unharmed random configs.

python -m tests.benchmarks.bench_verdicts [--demos langevin,film] [--configs 300] [--no-sabotage]

Long runs go in pieces: with `--rows FOLDER` every row of the honesty runs is written there, and the next call goes on
where the last one ended; `--minutes` ends a call, `--longest` leaves out configs that would take longer, as their
demo says.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from importlib import import_module
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from demos.registry import demos
from tests.verdicts import mutations_of
from tests.verdicts.harness import Tally, noticed, random_configs, run_of, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demos", default=",".join(demos()))
    parser.add_argument("--configs", type=int, default=300, help="unharmed random configs a demo")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scenes", default="", help="those that are sabotaged; all by default")
    parser.add_argument("--no-sabotage", action="store_true")
    parser.add_argument("--longest", type=float, default=math.inf, help="seconds of a run, as its demo says")
    parser.add_argument("--rows", type=Path, help="folder: NAME.jsonl in it gets every row, and is gone on with")
    parser.add_argument("--replicas", action="store_true", help="diffusion: every row beside independent replicas")
    parser.add_argument("--minutes", type=float, default=math.inf, help="after which a demo's honesty runs end")
    options = parser.parse_args()
    for name in options.demos.split(","):
        if not options.no_sabotage:
            sabotage(name, options.scenes)
        if options.configs:
            file = options.rows and options.rows / f"{name}.jsonl"
            with pytest.MonkeyPatch.context() as monkeypatch:
                if options.replicas:
                    import_module(f"tests.verdicts.{name}").beside_replicas(monkeypatch)
                honesty(name, options.configs, options.seed, options.longest, file, options.minutes)


def sabotage(name: str, chosen: str = "") -> None:
    """Which mutation of which scene is noticed, and by which rows. chosen: scenes, with commas between; "": all."""
    demo, seen, all_runs = demos()[name], 0, 0
    for scene in demo.scenes:
        if chosen and scene.name not in chosen.split(","):
            continue
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


def honesty(name: str, count: int, seed: int, longest: float, file: Path | None, minutes: float) -> None:
    """Reds of unharmed runs, how many runs have a truth beside them, and z-scores of each row."""
    demo, tally, start = demos()[name], Tally(), time.process_time()
    done = [json.loads(line) for line in file.read_text().splitlines()] if file and file.exists() else []
    for run in done:
        tally.count(run)
    drawn = random_configs(demo, 100 * count, seed, own_seeds=True)
    quick = (config for config in drawn if seconds(demo, config) <= longest)
    end = time.monotonic() + 60 * minutes
    for config in islice(quick, len(done), count):
        if time.monotonic() > end:
            break
        run = run_of(demo, config)
        tally.count(run)
        if file:
            with file.open("a") as out:
                out.write(json.dumps(run) + "\n")
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
