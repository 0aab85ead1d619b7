"""The tables of every run, in long form: cheap enough for each change of a control. Expensive ones are in `studies`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from demos.diffusion.metrics import Null, mode_shares, null_of, sliced_w2, straightness, support_fraction
from demos.diffusion.setup import Setup
from demos.diffusion.simulate import Run


@dataclass(frozen=True)
class Closeness:
    """The distance of a run's samples from the data, and the null distribution of true samples of that size."""

    distance: float
    floor: Null

    @property
    def ratio(self) -> float:
        return self.distance / self.floor.mean if self.floor.mean else math.nan


def closeness(setup: Setup, run: Run, reference: Tensor) -> Closeness:
    """The sliced W2 of a run's samples to the true points `reference` (N, 2). The floor is that of the whole data set,
    or of the classes asked for."""
    end = torch.nan_to_num(run.path.end.float(), nan=1e6, posinf=1e6, neginf=-1e6)
    return Closeness(sliced_w2(end, reference), true_floor(setup, len(end)))


def true_floor(setup: Setup, count: int) -> Null:
    """The null with as many points of each class as the samples: random mode counts are most of the distance."""
    return null_of(setup.data, count, setup.config.target if setup.config.guided else "all")


def tables(setup: Setup, runs: list[Run], reference: Tensor) -> dict[str, pd.DataFrame]:
    return {
        "distances": distances(setup, runs, reference),
        "shares": shares(setup, runs),
        "grid": grid(setup, runs),
        "paths": paths(setup, runs),
    }


def distances(setup: Setup, runs: list[Run], reference: Tensor) -> pd.DataFrame:
    """One row per sampler: evaluations, sliced W2, its floor with standard deviation, their ratio, the p-value (the
    share of pairs of true samples that are at least as far apart), the share of points in the support."""
    rows = []
    for run in runs:
        close = closeness(setup, run, reference)
        inside = support_fraction(setup.data, run.path.end)
        rows.append(
            {
                "series": run.label,
                "evaluations": setup.evaluations(run.path),
                "steps": run.path.steps,
                "sliced W2": close.distance,
                "floor": close.floor.mean,
                "floor spread": close.floor.spread,
                "ratio": close.ratio,
                "p": close.floor.p(close.distance),
                "in support": np.nan if inside is None else inside[0],
            }
        )
    return _frame(rows, list(rows[0]))


def shares(setup: Setup, runs: list[Run]) -> pd.DataFrame:
    """The share of each mode or class: measured, true, and the multinomial error (0 where classes are asked for).

    Empty for data of one class. With a guidance other than 0 and 1 no true shares are known: exact and error are
    missing.
    """
    data, rows = setup.data, []
    known = setup.asked is None or setup.config.guidance == 1
    for run in runs if data.classes > 1 else ():
        found = mode_shares(data, run.path.end, setup.asked)
        for i, name in enumerate(data.label_names):
            rows.append(
                {
                    "series": run.label,
                    "class": name,
                    "share": float(found.measured[i]),
                    "exact": float(found.exact[i]) if known else math.nan,
                    "error": float(found.errors[i]) if known else math.nan,
                }
            )
    return _frame(rows, ["series", "class", "share", "exact", "error"])


def grid(setup: Setup, runs: list[Run]) -> pd.DataFrame:
    """The noise level over the number of evaluations, for each sampler."""
    parts = []
    for run in runs:
        sigmas = run.path.sigmas
        spent = np.linspace(0, setup.evaluations(run.path), len(sigmas))
        parts.append(pd.DataFrame({"series": run.label, "evaluations": spent, "sigma": sigmas}))
    return pd.concat(parts, ignore_index=True)


def paths(setup: Setup, runs: list[Run]) -> pd.DataFrame:
    """Straightness of each sampler's paths, in the coordinates y = s x of the process."""
    rows = []
    for run in runs:
        if not bool(torch.isfinite(run.path.states).all()):
            continue
        found = straightness(run.path, setup.plan.process)
        rows.append(
            {
                "series": run.label,
                "process": setup.plan.process.label,
                "length/chord": found.length,
                "energy": found.energy,
            }
        )
    return _frame(rows, ["series", "process", "length/chord", "energy"])


def _frame(rows: list[dict[str, Any]], columns: list[str]) -> pd.DataFrame:
    """A DataFrame of rows, built column by column, which saves the millisecond in which pandas infers the columns."""
    return pd.DataFrame({name: [row[name] for row in rows] for name in columns})
