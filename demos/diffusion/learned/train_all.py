"""Trains the weights that ship with the project, measures them and writes them.

    python -m demos.diffusion.learned.train_all [--data moons,...] [--objective learned,...] [--again] [--measure]

About ten minutes of one core for all; existing files are kept unless --again is given. The seeds are part of the
configs, so that weights trained again differ at most by the rounding of another machine.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

import torch

from demos.diffusion.data import BUILT_IN
from demos.diffusion.learned.provide import default_config, train_on
from demos.diffusion.learned.quality import inside, likelihood, sliced_distance
from demos.diffusion.learned.training import OBJECTIVES, TrainingConfig
from demos.diffusion.learned.weights import FOLDER, Shipped, as_saved, path_of, read, save

# Width of each network: sharp edges and thin spirals need a wider one than Gaussian blobs. All 27 files take 1 MB.
SIZES = {
    "checkerboard": {"width": 128, "waves": 64, "steps": 6_000},
    **{name: {"width": 96, "waves": 64, "steps": 4_000} for name in ("spirals", "swissroll", "tree")},
}
BLOBS = {"width": 64, "waves": 48, "steps": 4_000}
FLOW_SIZES = {name: {"width": 80, "waves": 48, "steps": 2_500} for name in ("checkerboard", "spirals")}
FLOW_BLOBS = {"width": 56, "waves": 32, "steps": 1_500}


def config_of(data: str, objective: str) -> TrainingConfig:
    sizes, otherwise = (SIZES, BLOBS) if objective == "learned" else (FLOW_SIZES, FLOW_BLOBS)
    return default_config(objective, **sizes.get(data, otherwise))


def make(data: str, objective: str) -> Shipped:
    """Train a network, and round its weights as the file does."""
    config = config_of(data, objective)
    return Shipped(data, config, as_saved(train_on(BUILT_IN[data], config).network), {})


def measured(made: Shipped) -> Shipped:
    data = BUILT_IN[made.data]
    metrics = sliced_distance(made.model, data) | inside(made.model, data) | likelihood(made.model, data, count=2_000)
    return replace(made, metrics=metrics)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default=",".join(BUILT_IN))
    parser.add_argument("--objective", default=",".join(OBJECTIVES))
    parser.add_argument("--again", action="store_true", help="train also what is there")
    parser.add_argument("--measure", action="store_true", help="only measure what is there, and write the numbers")
    options = parser.parse_args()
    torch.set_num_threads(1)
    for objective in options.objective.split(","):
        for data in options.data.split(","):
            path, start = path_of(data, objective), time.process_time()
            if path.exists() != options.measure and not options.again:
                continue
            made = measured(read(path) if options.measure else make(data, objective))
            save(made)
            numbers = "  ".join(f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in made.metrics.items())
            size, seconds = path.stat().st_size / 1e3, time.process_time() - start
            print(f"{path.name}  {size:.0f} kB  {seconds:.0f} s  {numbers}", flush=True)
    print(f"{sum(file.stat().st_size for file in FOLDER.glob('*.safetensors')) / 1e3:.0f} kB in all")


if __name__ == "__main__":
    main()
