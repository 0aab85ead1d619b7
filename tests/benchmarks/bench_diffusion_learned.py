"""The learned scores of the diffusion demo against their bars: live training, shipped weights, speed, published W2.

    python -m tests.benchmarks.bench_diffusion_learned [--only live,shipped,speed,published] [--seed 0] [--json FILE]

live: the default training on one thread: seconds, W2 at 2,000 points over its floor (ten seeds each), and on the
checkerboard the share inside the support (20,000 points) and the exact NLL (4,000 points). shipped: the same of the
weights in the repository. speed: 2,000 points × 32 Heun steps. published: W2 at 10,000 points beside Tong et al.
(AISTATS 2024), table 2.
"""

from __future__ import annotations

import argparse
import json
import sys
import time

import torch

from demos.diffusion.data import BUILT_IN
from demos.diffusion.learned import OBJECTIVES, default_config, shipped, train_on
from demos.diffusion.learned.quality import distance, generated, inside, likelihood
from tests.benchmarks import published_toys

DATA = ("checkerboard", "moons", "spirals", "gaussians8")
SECONDS, RATIO, SAMPLING = 20.0, 1.15, 0.25
PUBLISHED_SEEDS = 3  # as many W2 of 10,000 points, and their floors: a minute each; the paper has five
LIVE = {"support": 0.95, "NLL": 3.55}
SHIPPED = {"support": 0.975, "NLL": 3.51}


def quality(model, name: str, bars: dict[str, float]) -> tuple[dict, bool]:
    data, passed = BUILT_IN[name], True
    found = distance(model, data)
    passed &= found["ratio"] <= RATIO
    if name == "checkerboard":
        found |= inside(model, data) | likelihood(model, data)
        passed &= found["support"] >= bars["support"] and found["NLL"] <= bars["NLL"]
    return found, passed


def live(seed: int) -> list[dict]:
    rows = []
    for name in DATA:
        wall, cpu = time.perf_counter(), time.process_time()
        training = train_on(BUILT_IN[name], default_config(seed=seed))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        found, passed = quality(training.model, name, LIVE)
        rows.append(
            {"what": f"live {name}", "seconds": wall, "cpu seconds": cpu, **found, "passed": passed and cpu <= SECONDS}
        )
        show(rows[-1])
    return rows


def of_shipped(seed: int) -> list[dict]:
    rows = []
    for name in DATA:
        for objective in OBJECTIVES:
            file = shipped(name, objective)
            if file is None:
                continue
            found, passed = quality(file.model, name, SHIPPED)
            bar = {"passed": passed} if objective == "learned" else {}
            rows.append({"what": f"shipped {name} {objective}", **found, **bar})
            show(rows[-1])
    return rows


def speed(seed: int) -> list[dict]:
    """The best of 25: what the work costs, without what else the machine does. The bar is on the time of one core."""
    rows = []
    for name in ("checkerboard", "gaussians8"):
        file = shipped(name, "learned")
        model = file.model if file else train_on(BUILT_IN[name]).model
        walls, cores = [], []
        for _ in range(25):
            wall, core = time.perf_counter(), time.process_time()
            generated(model, 2_000, seed)
            walls.append(time.perf_counter() - wall)
            cores.append(time.process_time() - core)
        rows.append(
            {
                "what": f"2,000 × 32 Heun, {name}",
                "best seconds": min(walls),
                "best cpu seconds": min(cores),
                "passed": min(cores) <= SAMPLING,
            }
        )
        show(rows[-1])
    return rows


def published(seed: int) -> list[dict]:
    rows = []
    for row in published_toys.rows(seed, PUBLISHED_SEEDS):
        rows.append(row)
        show(row)
    return rows


def show(row: dict) -> None:
    shown = {key: f"{value:.4g}" if isinstance(value, float) else value for key, value in row.items()}
    print("  ".join(f"{key} {value}" for key, value in shown.items()), flush=True)


PARTS = {"live": live, "shipped": of_shipped, "speed": speed, "published": published}


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="live,shipped,speed", help="parts, by commas: " + ", ".join(PARTS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json")
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows = [row for part in options.only.split(",") for row in PARTS[part](options.seed)]
    if options.json:
        with open(options.json, "w") as file:
            json.dump(rows, file, indent=1)
    return all(row.get("passed", True) for row in rows)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
