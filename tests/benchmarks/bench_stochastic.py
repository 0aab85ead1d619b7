"""Stochastic gradient flow: SGD beside a vmapped torch loop, and the page's honesty over many seeds and configs.

python -m tests.benchmarks.bench_stochastic [--repeats 5] [--seeds 200] [--configs 100] [--panels cloud,wells]
    [--scenes round,gibbs] [--no-mutations]

First the race: 10,000 chains × 1,000 steps on a quadratic in the plane, batches of 8 of 1,000 examples, one thread;
both must end with the exact variance. Then for each panel: mutations that no row notices, rows of unharmed random
configs that differ, and for its first two scenes the standard deviation of every row's z-scores.
"""

from __future__ import annotations

import argparse
import sys
from time import process_time

import numpy as np
import pytest
import torch
from torch.func import grad, vmap

from demos.registry import demo, family
from demos.stochastic.cloud.config import CloudConfig
from demos.stochastic.cloud.law import CURVATURES, START, Law
from demos.stochastic.cloud.run import simulate
from tests.benchmarks import race
from tests.verdicts import mutations_of
from tests.verdicts.harness import Tally, noticed, random_configs

CONFIG = CloudConfig(lr=0.4, batch=8, chains=10_000, steps=1_000)
FASTER = 5.0  # the bar: times a vmapped torch loop
SECONDS = 1.5  # configs that are said to take longer are left out of the honest ones


def vmapped_loop(config: CloudConfig) -> np.ndarray:
    """The same SGD as one would write it in torch: a loss, its gradient, a map over the chains. (n, 2) at the end."""
    generator = torch.Generator().manual_seed(0)
    examples = torch.from_numpy(Law(config).examples).float()
    h = torch.tensor(CURVATURES)

    def loss(x: torch.Tensor, batch: torch.Tensor) -> torch.Tensor:
        return 0.5 * (h * (x - batch).square()).sum(1).mean()

    gradient = vmap(grad(loss))
    x = torch.tensor([START]).repeat(config.chains, 1)
    for _ in range(config.steps):
        chosen = torch.randint(0, config.examples, (config.chains, config.batch), generator=generator)
        x = x - config.lr * gradient(x, examples[chosen])
    return x.numpy()


def compare(repeats: int) -> bool:
    """Both in turns; whether the median ratio holds the bar and both variances are right."""
    ours = lambda: simulate(CONFIG, Law(CONFIG)).states[-1]
    exact = Law(CONFIG).moments(0, CONFIG.steps).variance
    error = exact * (2 / CONFIG.chains) ** 0.5
    ratios, right = [], True
    for _ in range(repeats):
        seconds = []
        for run in (ours, lambda: vmapped_loop(CONFIG)):
            begun = process_time()
            x = run()
            seconds.append(process_time() - begun)
            right &= abs(float(np.square(x[:, 0].astype(float)).mean()) - exact) < 5 * error
        ratios.append(seconds[1] / seconds[0])
        print(f"solve {seconds[0]:.2f} s, vmapped loop {seconds[1]:.2f} s: {ratios[-1]:.1f} times", flush=True)
    held = float(np.median(ratios)) >= FASTER
    print(f"median {np.median(ratios):.1f} times (bar {FASTER:g}), variances {'right' if right else 'WRONG'}")
    return held and right


def missed_mutations(name: str) -> list[str]:
    """scene/mutation of those that no row of the scene notices."""
    missed, one = [], demo(name)
    for scene in one.scenes:
        whole = one.run(scene.config).verdict
        for mutation in mutations_of(name):
            if not mutation.matters(one, scene):
                continue
            monkeypatch = pytest.MonkeyPatch()
            try:
                mutation.apply(monkeypatch)
                if not noticed(whole, one, scene.config):
                    missed.append(f"{scene.name}/{mutation.name}")
            finally:
                monkeypatch.undo()
    return missed


def honest(name: str, configs: int) -> Tally:
    """Random unharmed configs that are not said to take long."""
    one, tally = demo(name), Tally()
    for config in random_configs(one, 20 * configs, seed=7):
        if config.seconds() <= SECONDS:
            tally.add(one, config)
            if tally.runs == configs:
                break
    return tally


def scores(name: str, seeds: int, scenes: str = "") -> list[str]:
    """A line for every row of the scenes of these names, or of the first two: its z-scores over the seeds."""
    lines, one = [], demo(name)
    chosen = [scene for scene in one.scenes if scene.name in scenes.split(",")] if scenes else one.scenes[:2]
    for scene in chosen:
        tally = Tally()
        for seed in range(1_000, 1_000 + seeds):
            tally.add(one, scene.config.replace(seed=seed))
        lines += [f"  RED {red}" for red in tally.reds]
        for row, z in tally.z.items():
            lines.append(
                f"  {scene.name}, {row}: {len(z)} z-scores, sd {np.std(z):.3f}, mean {np.mean(z):+.3f}, "
                f"largest {np.abs(z).max():.2f}"
            )
    return lines


def main() -> bool:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--configs", type=int, default=100)
    parser.add_argument("--panels", default=",".join(family("stochastic").members))
    parser.add_argument("--scenes", default="", help="for the z-scores; by default the first two of each panel")
    parser.add_argument("--mutations", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    held = compare(options.repeats) if options.repeats else True
    for name in filter(None, options.panels.split(",")):
        missed = missed_mutations(name) if options.mutations else ["not tried"]
        tally = honest(name, options.configs) if options.configs else Tally()
        print(f"{name}: mutations missed {missed or 'none'}; {tally.runs} random configs, {len(tally.reds)} differ")
        lines = scores(name, options.seeds, options.scenes) if options.seeds else []
        print("\n".join([f"  RED {red}" for red in tally.reds] + lines))
        sys.stdout.flush()
        held &= not (missed and options.mutations) and not tally.reds
    return held


if __name__ == "__main__":
    race.on_one_core("tests.benchmarks.bench_stochastic")
    raise SystemExit(0 if main() else 1)
