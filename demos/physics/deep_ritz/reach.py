"""The energy that L-BFGS reaches with a network of some width after some iterations, measured once from other starts.

python -m demos.physics.deep_ritz.reach      (writes reach.json; about a minute of one core)
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from demos.gradient_flow import solve
from demos.physics.deep_ritz.model import DeepRitz
from demos.physics.deep_ritz.reference import exact_centre, exact_energy

TABLE = Path(__file__).with_name("reach.json")
WIDTHS = (4, 8, 16, 24, 40, 64)
ITERATIONS = (1, 2, 4, 8, 15, 25, 40, 60, 100, 150, 200, 300, 400)
REPLICAS, SEED, STEP, GAUSS, PAIRS = 8, 10**6, 0.05, 20, 30
LEAST = 0.3  # least standard deviation of log share: that of eight networks is only a rough estimate


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
    return Reach(float(np.exp(share)), max(LEAST, float(spread)), float(np.exp(centre)))


@lru_cache(1)
def _table() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Widths (W,), iterations (I,), and (W, I, 3): log share, its spread, log centre error."""
    rows = json.loads(TABLE.read_text(encoding="utf-8"))
    widths, grid = sorted({row["width"] for row in rows}), sorted({row["iterations"] for row in rows})
    values = {(r["width"], r["iterations"]): (np.log(r["share"]), r["spread"], np.log(r["centre"])) for r in rows}
    return np.array(widths), np.array(grid), np.array([[values[w, i] for i in grid] for w in widths])


def measured(width: int) -> list[dict[str, float]]:
    """The rows of the table for one width, from REPLICAS networks with seeds that no page uses."""
    model, kept, iteration = DeepRitz(width, GAUSS), {}, -1

    def observe(x: torch.Tensor, t: float) -> float:
        nonlocal iteration
        iteration += 1
        if iteration in ITERATIONS:
            kept[iteration] = x.clone()
        return 0.0

    system = model.system()
    times = np.arange(ITERATIONS[-1] + 1) * STEP
    start = system.start("random", SEED + width, REPLICAS)
    solve(system.flow(), start, times, "lbfgs", record="steps", observe=observe, pairs=PAIRS, newton=0.0)
    rows = []
    for count, weights in kept.items():
        shares = np.log((model.energy(weights).numpy() - exact_energy()) / abs(exact_energy()))
        centre = float((model.centre(weights) - exact_centre()).square().mean().sqrt())
        row = {"width": width, "iterations": count, "share": np.exp(np.median(shares)), "spread": shares.std(ddof=1)}
        rows.append({name: float(f"{value:.3g}") for name, value in (row | {"centre": centre}).items()})
    return rows


def main() -> None:
    rows = [row for width in WIDTHS for row in measured(width)]
    TABLE.write_text("[\n " + ",\n ".join(json.dumps(row) for row in rows) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
