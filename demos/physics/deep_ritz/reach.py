"""The energy that L-BFGS reaches with a network of some width after some iterations, measured once from other starts.

python -m demos.physics.deep_ritz.reach      (writes reach.json; about ten minutes of one core)

The share (E − E*)/|E*| is near log-normal: it varies by a factor from network to network, so that differences are
counted in standard deviations of its logarithm.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from demos.gradient_flow import solve
from demos.physics.deep_ritz.model import DeepRitz
from demos.physics.deep_ritz.reference import exact_centre, exact_energy

TABLE = Path(__file__).with_name("reach.json")

ITERATIONS = (1, 2, 4, 8, 15, 25, 40, 60, 100, 150, 200, 300, 400)
REPLICAS = {4: 64, 8: 64, 16: 64, 24: 64, 40: 32, 64: 10}  # networks of each width: the first of DRAWN
DRAWN, SEED, STEP, GAUSS, PAIRS = 64, 10**6, 0.05, 20, 30
JUMP = 3.0  # L-BFGS without a line search jumps up at times: E − E* above this many times the lowest before; left out
AT_ONCE = 32  # replicas that learn together


@dataclass(frozen=True)
class Reach:
    """The result of a network of some width after some iterations: the median of (E − E*)/|E*|, the standard deviation
    of its logarithm, and the root mean square error of the value at the centre."""

    share: float
    spread: float
    centre: float

    @property
    def most(self) -> float:
        """The largest plausible share: four standard deviations of the logarithm above the median."""
        return self.share * float(np.exp(4 * self.spread))


def reach(width: int, iterations: int) -> Reach | None:
    """The result from the table, interpolated in logarithms; None outside the table."""
    widths, grid, table = _table()
    if not (widths[0] <= width <= widths[-1] and grid[0] <= iterations <= grid[-1]):
        return None
    place = float(np.interp(np.log(width), np.log(widths), np.arange(len(widths))))
    low = min(int(place), len(widths) - 2)
    rows = [[float(np.interp(np.log(iterations), np.log(grid), column)) for column in table[low + i].T] for i in (0, 1)]
    share, spread, centre = (1 - place + low) * np.array(rows[0]) + (place - low) * np.array(rows[1])
    return Reach(float(np.exp(share)), float(spread), float(np.exp(centre)))


@lru_cache(1)
def _table() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Widths (W,), iterations (I,), and (W, I, 3): log share, its spread, log centre error."""
    rows = json.loads(TABLE.read_text(encoding="utf-8"))
    widths, grid = sorted({row["width"] for row in rows}), sorted({row["iterations"] for row in rows})
    values = {(r["width"], r["iterations"]): (np.log(r["share"]), r["spread"], np.log(r["centre"])) for r in rows}
    return np.array(widths), np.array(grid), np.array([[values[w, i] for i in grid] for w in widths])


def measured(width: int) -> list[dict[str, float]]:
    """The rows of the table for one width, from networks with seeds that no page uses."""
    model, kept, rows = DeepRitz(width, GAUSS), {count: [] for count in ITERATIONS}, []
    for start in model.system().start("random", SEED + width, DRAWN)[: REPLICAS[width]].split(AT_ONCE):
        learn(model, start, kept)
    lowest = np.full(REPLICAS[width], np.inf)
    for count, parts in kept.items():
        weights = torch.cat(parts)
        gaps = model.energy(weights).numpy() - exact_energy()
        steady = gaps <= JUMP * lowest
        lowest = np.minimum(lowest, gaps)
        shares = np.log(gaps[steady] / abs(exact_energy()))
        centre = float((model.centre(weights)[torch.from_numpy(steady)] - exact_centre()).square().mean().sqrt())
        row = {"width": width, "iterations": count, "share": np.exp(np.median(shares)), "spread": shares.std(ddof=1)}
        rows.append({name: float(f"{value:.3g}") for name, value in (row | {"centre": centre}).items()})
    return rows


def learn(model: DeepRitz, start: torch.Tensor, kept: dict[int, list[torch.Tensor]]) -> None:
    """Train from start (N, P), and append the weights after each iteration of `kept` to its list."""
    iteration = -1

    def observe(x: torch.Tensor, t: float) -> float:
        nonlocal iteration
        iteration += 1
        if iteration in kept:
            kept[iteration].append(x.clone())
        return 0.0

    times, flow = np.arange(ITERATIONS[-1] + 1) * STEP, model.system().flow()
    solve(flow, start, times, "lbfgs", record="steps", observe=observe, pairs=PAIRS, newton=0.0)


def log_error(predicted: float, spread: float, measured: float) -> float:
    """The error bar of a predicted positive number whose logarithm has the standard deviation `spread`, such that
    `measured` is as many bars away as its logarithm is standard deviations: spread times the logarithmic mean of the
    two. 0 where `measured` is not positive: no such number is near enough."""
    if not measured > 0:
        return 0.0
    if not math.isfinite(measured):
        return spread * predicted
    ratio = measured / predicted - 1
    return spread * predicted * (ratio / math.log1p(ratio) if abs(ratio) > 1e-9 else 1.0)


def main() -> None:
    rows = [row for width in REPLICAS for row in measured(width)]
    TABLE.write_text("[\n " + ",\n ".join(json.dumps(row) for row in rows) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
