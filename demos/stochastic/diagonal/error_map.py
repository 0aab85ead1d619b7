"""The test error over (lr, B) that ships with the project, and the command that makes it.

    python -m demos.stochastic.diagonal.error_map

About two minutes of one core. It holds, for each learning rate and batch size, the mean and the standard deviation of
the test error over independent chains with label noise, after the same number of steps.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from demos.common.random_streams import generator
from demos.stochastic.diagonal.config import EXAMPLES, DiagonalConfig
from demos.stochastic.diagonal.problem import data_of

FILE = Path(__file__).with_name("error_map.json")
RATES = (0.0125, 0.025, 0.05, 0.075)
SIZES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, EXAMPLES)
CHAINS = 48
SEED = 2**31 - 1  # a seed that no visitor is likely to choose, because rows that use the map need independent chains
SETTINGS = {"label_noise": 0.6, "alpha": 0.1, "spikes": 5, "steps": 20_000}


@lru_cache(maxsize=1)
def _entries() -> tuple[dict[str, float], ...]:
    return tuple(json.loads(FILE.read_text(encoding="utf-8")))


def shipped() -> pd.DataFrame:
    """Columns series ("lr = …"), rate, batch, error (a mean), uncertainty (its standard error); where every chain was
    finite."""
    rows = [
        {
            "series": f"lr = {entry['lr']:g}",
            "rate": entry["lr"],
            "batch": int(entry["batch"]),
            "error": entry["mean"],
            "uncertainty": entry["deviation"] / entry["chains"] ** 0.5,
        }
        for entry in _entries()
        if entry["finite"] == entry["chains"]
    ]
    return pd.DataFrame(rows)


def best_sizes(table: pd.DataFrame) -> dict[float, int]:
    """The batch size of the lowest test error for each learning rate."""
    lowest = table.loc[table.groupby("rate")["error"].idxmin()]
    return dict(zip(lowest["rate"].tolist(), lowest["batch"].tolist(), strict=True))


def replicas(config: DiagonalConfig) -> tuple[float, float, int] | None:
    """Mean and standard deviation of the test error, and the number of chains, of the map at the settings of
    `config`; None where it has other settings, or where a chain diverged."""
    if any(getattr(config, name) != value for name, value in SETTINGS.items()):
        return None
    for entry in _entries():
        if (entry["lr"], entry["batch"]) == (config.lr, config.batch) and entry["finite"] == entry["chains"]:
            return entry["mean"], entry["deviation"], int(entry["chains"])
    return None


def compute(lr: float, batch: int) -> dict[str, float]:
    """One entry of the map in plain NumPy, independent of the page's code, with other batches."""
    config = DiagonalConfig(lr=lr, batch=batch, **SETTINGS)
    data, random = data_of(config.spikes), generator(SEED, f"test errors at {lr} and {batch}")
    w = np.full((CHAINS, len(data.truth)), config.alpha)
    v = w.copy()
    rows = np.arange(CHAINS)[:, None]
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(config.steps):
            chosen = random.integers(0, EXAMPLES, (CHAINS, batch))
            labels = data.y[chosen] + config.label_noise * random.standard_normal(chosen.shape)
            errors = np.zeros((CHAINS, EXAMPLES))
            beta = w * w - v * v
            fitted = (beta @ data.x.T)[rows, chosen]
            np.add.at(errors, (rows, chosen), (fitted - labels) / batch)
            g = 2 * config.lr * (errors @ data.x)
            w *= 1 - g
            v *= 1 + g
        error = np.square(w * w - v * v - data.truth).sum(1)
    finite = np.isfinite(error)
    kept = error[finite] if finite.any() else np.array([0.0, 0.0])
    return {
        "lr": lr,
        "batch": batch,
        "chains": CHAINS,
        "finite": int(finite.sum()),
        "mean": float(kept.mean()),
        "deviation": float(kept.std(ddof=1)) if len(kept) > 1 else 0.0,
    }


def main() -> None:
    entries = []
    for lr in RATES:
        for batch in SIZES:
            entries.append(compute(lr, batch))
            print(entries[-1], flush=True)
    FILE.write_text(json.dumps(entries, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
