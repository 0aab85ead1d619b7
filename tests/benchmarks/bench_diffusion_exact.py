"""The exact side of the diffusion demo: orders, time, and distance to the data over evaluations. Run by hand:

    python -m tests.benchmarks.bench_diffusion_exact

Times are those of the core, the best of seven, one thread, 2,000 points in float32. Distances: exact W2 of 2,000
samples to 2,000 true points, ten seeds, beside ten pairs of true samples.
"""

from __future__ import annotations

import argparse
from time import process_time

import numpy as np
import torch

from demos.diffusion.config import DiffusionConfig
from demos.diffusion.data import BUILT_IN
from demos.diffusion.metrics import floor, w2
from demos.diffusion.processes import Edm
from demos.diffusion.run import run
from demos.diffusion.samplers import Plan
from demos.diffusion.setup import setup, true_points
from demos.diffusion.simulate import simulate
from demos.diffusion.verdict.self_tests import measured_order

SEEDS, POINTS = 10, 2_000
STEPS = 32  # of Heun: 63 evaluations


def best(work, times: int = 7) -> float:
    """Seconds that the fastest of several calls had on its core."""
    taken = []
    for _ in range(times):
        begun = process_time()
        work()
        taken.append(process_time() - begun)
    return min(taken)


def main() -> None:
    argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0]).parse_args()
    torch.set_num_threads(1)
    print("measured order on a Gaussian, Karras's grid, 64 to 256 steps (bar: 1, 2, 2 ± 0.15)")
    for name in ("ddim", "heun", "dpmpp_2m"):
        print(f"  {name:10s} {measured_order(name, Plan(Edm(1.0), 10.0, 0.01, denoise=False), 0.5):.3f}")

    print(
        f"{POINTS:,} points, {STEPS} Heun steps (bar for a mixture: 0.10 s); the whole page at its default 35 "
        "evaluations"
    )
    for name in BUILT_IN:
        chosen = setup(DiffusionConfig(data=name, evaluations=2 * STEPS - 1, particles=POINTS))
        sampling = best(lambda chosen=chosen: simulate(chosen))
        seeds = iter(range(100))
        config = DiffusionConfig(data=name)
        run(config)
        page = best(lambda config=config, seeds=seeds: run(config.replace(seed=next(seeds))))
        print(f"  {name:13s} {sampling * 1e3:6.0f} ms   page, new seed {page * 1e3:6.0f} ms")

    x = 3 * torch.randn(2, POINTS, generator=torch.Generator().manual_seed(0)).T
    levels = (0.05, 0.5, 5.0)
    ask = lambda name: [BUILT_IN[name].distribution.denoiser(x, sigma) for sigma in levels]
    squares, curve = (best(lambda name=name: ask(name), 20) for name in ("checkerboard", "scurve"))
    rows = BUILT_IN.rows
    print(
        f"one evaluation of the squares costs that of {rows['scurve'].components * squares / curve:.0f} components "
        f"(counted: {rows['checkerboard'].components}, bar: within a factor of two)"
    )

    print(f"exact W2 at n = {POINTS:,}: mean of {SEEDS} seeds over mean floor of {SEEDS} pairs, 35 evaluations of Heun")
    for name in BUILT_IN:
        data = BUILT_IN[name]
        least = floor(w2, data, POINTS, pairs=SEEDS)
        values = []
        for seed in range(SEEDS):
            config = DiffusionConfig(data=name, particles=POINTS, seed=seed)
            chosen = setup(config)
            values.append(w2(simulate(chosen)[0].path.end, true_points(config, data, None)))
        print(f"  {name:13s} {np.mean(values):.4f} / {least.mean:.4f} = {np.mean(values) / least.mean:.3f}")


if __name__ == "__main__":
    main()
