"""One run: the same budget of examples used in batches of every size, with the exact expected losses."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from demos.common.numbers import counted, number
from demos.common.progress import Progress, part
from demos.contract import Check, OnPicture, Result, State
from demos.contract.running import demo_run
from demos.stochastic.batch_size.config import BatchSizeConfig
from demos.stochastic.batch_size.law import CURVATURES, best_size, expected_losses, loss_after, noise_scale
from demos.stochastic.batch_size.picture import picture
from demos.stochastic.bench.batches import Draws, normals
from demos.stochastic.bench.descent import descend

FRAMES = 60
CLEAR = 5.0  # standard errors by which the best size must be ahead of the others for a row about it


@dataclass(frozen=True)
class Spent:
    """The run of one batch size. losses (F, n): of every chain, after the number of examples of each frame."""

    batch: int
    steps: int
    losses: np.ndarray


def clock(config: BatchSizeConfig) -> np.ndarray:
    """(F,) numbers of examples seen at the frames, evenly spaced in their logarithm, from 1 to the budget."""
    return np.unique(np.rint(np.geomspace(1, config.budget, FRAMES)).astype(int))


def spend(config: BatchSizeConfig, batch: int, progress: Progress | None = None) -> Spent:
    """Run SGD with one batch size. The gradient noise of a batch of B fresh examples is normal with variance σ² h/B, so
    that it is drawn as one number."""
    h = torch.tensor(CURVATURES, dtype=torch.float32)
    scale = config.noise * h.sqrt() / math.sqrt(batch)
    shape = (config.chains, len(h))
    draws = Draws(config.seed, f"batches of {batch}", normals(shape), numbers=config.chains * len(h))

    def gradient(x: Tensor, step: int) -> Tensor:
        return h * x + scale * draws[step]

    steps = config.budget // batch
    seen = clock(config) // batch
    start = torch.full(shape, config.start, dtype=torch.float32)
    energy = lambda x: 0.5 * (h * x * x).sum(1)
    recorded = np.unique(np.r_[0, seen, steps])
    run = descend(gradient, start, np.full(steps, config.lr), energy=energy, record=recorded, progress=progress)
    return Spent(batch, steps, run.energies[np.searchsorted(run.steps, seen)])


def checks(config: BatchSizeConfig, runs: list[Spent]) -> list[Check]:
    """Rows of the final loss of each batch size, the best first; of which is the best; and of a loss on the way."""
    exact = {run.batch: loss_after(config, run.batch, run.steps) for run in runs}
    rows = [loss_check(config, run, -1, run.steps) for run in runs]
    order = sorted(range(len(runs)), key=lambda i: exact[runs[i].batch].mean)
    first, second = (exact[runs[i].batch] for i in order[:2])
    ahead = (second.mean - first.mean) / math.sqrt((first.variance + second.variance) / config.chains)
    best = Check(
        "best of these batch sizes",
        float(min(runs, key=lambda run: run.losses[-1].mean()).batch),
        float(runs[order[0]].batch),
        source="closed form",
        note="named where it is ahead of the next by more than five standard errors",
    )
    lead = [best] if ahead > CLEAR else []
    return list(dict.fromkeys((rows[order[0]], rows[0], rows[-1], *lead, *rows, way_down(config, runs[0]))))


def loss_check(config: BatchSizeConfig, run: Spent, frame: int, steps: int, when: str = "") -> Check:
    """The row of a batch size's mean loss in a frame, which is after so many steps."""
    law = loss_after(config, run.batch, steps)
    return Check(
        f"loss with B = {run.batch}{when}",
        float(run.losses[frame].astype(float).mean()),
        law.mean,
        uncertainty=math.sqrt(law.variance / config.chains),
        floor=1e-5 * law.mean,
        source="closed form, every step",
        note=counted(steps, "step"),
    )


def way_down(config: BatchSizeConfig, run: Spent) -> Check:
    """The row of the loss in the frame at which the start's part of it is nearest to half: it tells whether the frames
    stand at the right number of examples."""
    seen = clock(config)
    left = np.array([loss_after(config, run.batch, int(count) // run.batch).start for count in seen])
    frame = int(np.abs(left / loss_after(config, run.batch, 0).start - 0.5).argmin())
    return loss_check(
        config, run, frame, int(seen[frame]) // run.batch, f" after {counted(int(seen[frame]), 'example')}"
    )


def headline(config: BatchSizeConfig, rows: list[Check]) -> str:
    """The headline: the best batch size, and how much worse the smallest and the largest are."""
    wrong = next((row for row in rows if row.state is State.DIFFERS), None)
    if wrong is not None:
        return f"Not the loss of SGD: {wrong.name}, {number(wrong.measured)}; exactly {number(wrong.truth or 0.0)}."
    best, sizes = best_size(config), config.sizes
    losses = expected_losses(config, np.array(sizes))
    chosen, loss = sizes[int(losses.argmin())], losses.min()
    low, high = losses[0] / loss, losses[-1] / loss
    if best == 1:
        return f"No sweet spot: B = 1 is best, and B = {sizes[-1]} loses {number(high)} times as much."
    if best >= sizes[-1]:
        return f"No sweet spot: the largest batch is best, and B = 1 loses {number(low)} times as much."
    exact = f", of all sizes {best}" if best != chosen else ""
    return (
        f"Of these sizes B = {chosen} is best{exact}: B = 1 ends {number(low)} times as high as "
        f"B = {chosen}, and B = {sizes[-1]} {number(high)} times."
    )


@demo_run
def run(config: BatchSizeConfig, progress: Progress | None = None, on_picture: OnPicture | None = None) -> Result:
    """Use the budget in batches of every size, and compare the losses with the closed form."""
    sizes = config.sizes
    work, done, runs = sum(1 / size for size in sizes), 0.0, []
    for size in sizes:
        runs.append(spend(config, size, part(progress, done / work, 1.0, 1 / size / work)))
        done += 1 / size
    drawn = picture(config, clock(config), runs)
    if on_picture is not None:
        on_picture(drawn)
    rows = checks(config, runs)
    best = best_size(config)
    law = loss_after(config, best, config.budget // best)
    notes = (
        f"At B = {best} the start is still worth {number(law.start)} of the loss and the noise {number(law.noise)}.",
        f"The simple noise scale tr Σ/|G|² is {number(noise_scale(config))} at the start, and grows as G falls.",
    )
    if progress is not None:
        progress(1.0)
    return Result(
        drawn,
        tuple(rows),
        {"losses": loss_table(config, runs)},
        notes,
        (),
        headline(config, rows),
    )


def loss_table(config: BatchSizeConfig, runs: list[Spent]) -> pd.DataFrame:
    """Columns series, batch, loss, error: measured and exact at the end of the budget, with the parts of the latter."""
    rows = [
        {
            "series": "SGD",
            "batch": run.batch,
            "loss": float(run.losses[-1].mean()),
            "error": math.sqrt(loss_after(config, run.batch, run.steps).variance / config.chains),
        }
        for run in runs
    ]
    for batch in np.unique(np.rint(np.geomspace(1, config.sizes[-1], 60)).astype(int)):
        law = loss_after(config, int(batch), config.budget // int(batch))
        parts = {"exact": law.mean, "exact: left of the start": law.start, "exact: noise": law.noise}
        rows += [{"series": name, "batch": int(batch), "loss": value, "error": 0.0} for name, value in parts.items()]
    return pd.DataFrame(rows)
