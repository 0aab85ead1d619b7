"""One run: every batch size, with its learning rate from the linear scaling rule, for the same time."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from demos.common.numbers import counted, number
from demos.common.progress import Progress, part
from demos.contract import Check, OnPicture, Result, State
from demos.contract.running import demo_run
from demos.stochastic.bench.batches import Draws, normals
from demos.stochastic.bench.descent import descend
from demos.stochastic.scaling.config import STABLE, ScalingConfig
from demos.stochastic.scaling.law import CURVATURES, discrete, limit
from demos.stochastic.scaling.picture import picture

ROUNDING = 1e-5  # relative error of single precision


def simulate(config: ScalingConfig, batch: int, progress: Progress | None = None) -> np.ndarray:
    """(long_steps + 1, n) losses of all chains after each step of the largest batch.

    The gradient noise of a batch of B fresh examples is normal with variance σ² h/B, and is drawn as one number.
    """
    h = torch.tensor(CURVATURES, dtype=torch.float32)
    shape = (config.chains, len(h))
    scale = config.noise * h.sqrt() / math.sqrt(batch)
    draws = Draws(config.seed, f"batches of {batch}", normals(shape), numbers=config.chains * len(h))

    def gradient(x: Tensor, step: int) -> Tensor:
        return h * x + scale * draws[step]

    each = config.sizes[-1] // batch  # number of steps in the time of one step of the largest batch
    start = torch.full(shape, config.start, dtype=torch.float32)
    rates = np.full(each * config.long_steps, config.rate(batch))
    recorded = each * np.arange(config.long_steps + 1)
    energy = lambda x: 0.5 * (h * x * x).sum(1)
    run = descend(gradient, start, rates, energy=energy, record=recorded, progress=progress)
    return run.energies


def checks(config: ScalingConfig, losses: dict[int, np.ndarray]) -> list[Check]:
    """Rows of the final loss of every batch size, the largest first, and of an earlier one of the smallest."""
    largest, rows = config.sizes[-1], []
    for batch in sorted(losses, key=lambda size: (size not in (largest, 1), -size)):
        rows.append(loss_check(config, batch, losses[batch], config.long_steps))
    rows.append(loss_check(config, largest, losses[largest], 1, " after its first step"))
    return rows


def loss_check(config: ScalingConfig, batch: int, losses: np.ndarray, frame: int, when: str = "") -> Check:
    steps = frame * config.sizes[-1] // batch
    mean, variance = discrete(config, batch, steps)
    return Check(
        f"loss with B = {batch}{when}",
        float(losses[frame].astype(float).mean()),
        limit(config, config.rate(batch) * steps),
        uncertainty=math.sqrt(variance / config.chains),
        floor=ROUNDING * mean,
        predicted=mean,
        predicted_by="the exact distribution",
        source="the diffusion limit: only lr/B counts",
        note=f"lr = {number(config.rate(batch))}, {counted(steps, 'step')}",
    )


def headline(config: ScalingConfig, rows: list[Check]) -> str:
    """The headline: the batch size up to which the rule holds, and the excess loss of the largest one."""
    wrong = next((row for row in rows if row.state is State.DIFFERS), None)
    if wrong is not None:
        due = number(wrong.predicted or 0.0)
        return f"Not the distribution of SGD: {wrong.name} is {number(wrong.measured)}, exactly {due}."
    good, largest = rule_holds_to(config), config.sizes[-1]
    last = rows[0]
    ratio = (last.predicted or 0.0) / (last.truth or 1.0)
    if good == largest:
        return f"Same lr/B, same loss, to a tenth, for all batch sizes up to {largest}."
    return (
        f"Same lr/B, same loss, to a tenth, up to B = {good}; at B = {largest} (lr = {number(config.rate(largest))}) "
        f"the loss is {number(ratio)} times the rule's."
    )


def rule_holds_to(config: ScalingConfig) -> int:
    """The largest batch size up to which the exact loss at the end is within a tenth of the diffusion limit's."""
    good = config.sizes[0]
    for batch in config.sizes:
        steps = config.long_steps * config.sizes[-1] // batch
        wanted = limit(config, config.rate(batch) * steps)
        if abs(discrete(config, batch, steps)[0] / wanted - 1) > 0.1:
            break
        good = batch
    return good


@demo_run
def run(config: ScalingConfig, progress: Progress | None = None, on_picture: OnPicture | None = None) -> Result:
    """Run every batch size for the same time, and compare the losses with the diffusion limit and the exact ones."""
    sizes, losses, done = config.sizes, {}, 0.0
    work = sum(1 / size for size in sizes)
    for size in sizes:
        losses[size] = simulate(config, size, part(progress, done / work, 1.0, 1 / size / work))
        done += 1 / size
    drawn = picture(config, losses)
    if on_picture is not None:
        on_picture(drawn)
    rows = checks(config, losses)
    notes = (f"The next larger batch, {2 * sizes[-1]}, would have lr = {number(config.rate(2 * sizes[-1]))}.",)
    if config.rate(2 * sizes[-1]) >= STABLE:
        notes = (f"{notes[0][:-1]}, past the stability limit of 2/curvature: no batch can be large enough for it.",)
    if progress is not None:
        progress(1.0)
    return Result(
        drawn,
        tuple(rows),
        {"losses": loss_table(config, losses)},
        notes,
        (),
        headline(config, rows),
    )


def loss_table(config: ScalingConfig, losses: dict[int, np.ndarray]) -> pd.DataFrame:
    """Columns series, batch, loss, error: at the end."""
    rows = []
    for batch, given in losses.items():
        steps = config.long_steps * config.sizes[-1] // batch
        mean, variance = discrete(config, batch, steps)
        error = math.sqrt(variance / config.chains)
        rows.append({"series": "SGD", "batch": batch, "loss": float(given[-1].mean()), "error": error})
        rows.append({"series": "exact", "batch": batch, "loss": mean, "error": 0.0})
        rule = limit(config, config.rate(batch) * steps)
        rows.append({"series": "scaling rule", "batch": batch, "loss": rule, "error": 0.0})
    return pd.DataFrame(rows)
