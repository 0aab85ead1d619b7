"""One run of flat and sharp wells: SGD compared with its exact distribution, Gibbs's, and the exact escape time."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from demos.common.numbers import counted, number
from demos.common.progress import Progress
from demos.contract import Check, OnPicture, Result, State
from demos.contract.running import demo_run
from demos.stochastic.bench.batches import Draws, normals
from demos.stochastic.bench.descent import Descent, descend
from demos.stochastic.bench.moments import share_error
from demos.stochastic.wells.config import WellsConfig
from demos.stochastic.wells.landscape import (
    SHIFT,
    STEEP,
    barrier,
    energy,
    mean_energy,
    test_loss,
    torch_energy,
    torch_slope,
)
from demos.stochastic.wells.law import TARGET, Law, frames
from demos.stochastic.wells.picture import picture

SETTLED = 0.02  # largest share of chains not escaped at which the mean of min(τ, end) is close to the mean of τ
ROUNDING = 1e-6  # error of single precision
QUADRATURE = 1e-4  # relative error of the quadrature: the change with panels half as wide, which a test checks
TEST = "test loss, on the landscape shifted"
DONE_SHARE = 0.95  # share of the progress bar for the steps


def simulate(config: WellsConfig, law: Law, progress: Progress | None = None) -> Descent:
    """Run SGD. The loss of an example is U plus a random linear term, so that a batch's gradient is U' plus normal
    noise of variance σ²/B."""
    shape = (config.chains, 1)
    draws = Draws(config.seed, "batches", normals(shape, config.noise / config.batch**0.5), numbers=config.chains)

    def gradient(x: Tensor, step: int) -> Tensor:
        return torch_slope(x) + draws[step]

    start = torch.full(shape, law.start, dtype=torch.float32)
    rates = np.full(config.steps, config.lr)
    report = None if progress is None else lambda done: progress(DONE_SHARE * done)
    every = config.steps + 1
    return descend(gradient, start, rates, energy=torch_energy, record=every, progress=report)


def checks(config: WellsConfig, run: Descent, law: Law) -> list[Check]:
    """Rows of the share of the flat well at the end and earlier, of the mean escape time, and of the mean loss."""
    x = run.states[..., 0].astype(float)
    if law.trouble:
        return [
            Check(
                "fraction in the flat well",
                float((x[-1] > barrier()).mean()),
                law.gibbs_share,
                source="Gibbs's share by quadrature",
                incomparable=f"no exact law is known: {law.trouble}",
            )
        ]
    rows = [share_check(config, x, law, config.steps, truth=True)]
    if config.start == "sharp":
        rows.append(time_check(config, x, law))
    rows.append(test_check(config, x, law))
    mean, variance = law.loss
    nodes, density = law.gibbs_density
    rows.append(
        Check(
            "loss, mean over the run",
            mean_energy(x[1:]),
            float(np.trapezoid(density * energy(nodes), nodes)),
            uncertainty=math.sqrt(variance / config.chains),
            floor=QUADRATURE * abs(mean) + law.lost,
            predicted=mean,
            predicted_by="the exact distribution",
            source="Gibbs's average by quadrature",
        )
    )
    moving = np.abs(law.in_flat - law.in_flat[-1])
    half = int(np.argmax(moving <= 0.5 * moving[0])) if moving[0] > 0 else 0
    if 0 < half < config.steps:
        rows.append(share_check(config, x, law, half, truth=False))
    return rows


def test_check(config: WellsConfig, x: np.ndarray, law: Law) -> Check:
    """The mean loss at the end where the landscape is shifted."""
    mean, variance = law.test_loss
    return Check(
        TEST,
        float(test_loss(x[-1]).mean()),
        None,
        uncertainty=math.sqrt(variance / config.chains),
        floor=QUADRATURE * abs(mean) + law.lost,
        predicted=mean,
        predicted_by="the exact distribution",
        note=f"by normal numbers of {SHIFT:g}",
    )


def share_check(config: WellsConfig, x: np.ndarray, law: Law, step: int, truth: bool) -> Check:
    """The row of the share right of the barrier after a step; with `truth` also against Gibbs's."""
    exact = float(np.clip(law.in_flat[step], 0.0, 1.0))
    error, floor = share_error(exact, config.chains)
    return Check(
        "fraction in the flat well" + ("" if truth else f" after {counted(step, 'step')}"),
        float((x[step] > barrier()).mean()),
        law.gibbs_share if truth else None,
        uncertainty=error,
        floor=ROUNDING + QUADRATURE * exact + law.lost + near_the_barrier(law) + floor,
        predicted=exact,
        predicted_by="the exact distribution",
        source="Gibbs's share by quadrature" if truth else "",
    )


def near_the_barrier(law: Law) -> float:
    """A bound of the mass so near to the barrier that single precision decides its side: the density is at most
    √(1/2π) over the noise."""
    return ROUNDING / (law.config.spread * math.sqrt(2 * math.pi))


def time_check(config: WellsConfig, x: np.ndarray, law: Law) -> Check:
    """The row of the mean time until a chain is first beyond TARGET, or of the whole run if it never is."""
    passed = x > TARGET
    first = np.where(passed.any(0), passed.argmax(0), config.steps)
    waiting = law.waiting[:-1]
    mean = float(waiting.sum())
    square = float(((2 * np.arange(config.steps) + 1) * waiting).sum())
    settled = law.waiting[-1] < SETTLED
    left = 1 - float(law.waiting[-1])  # share of the chains
    few_left = share_error(left, config.chains)[1] if left < 0.5 else 0.0
    return Check(
        "mean time to leave the sharp well",
        config.lr * float(first.mean()),
        law.passage_time if settled else None,
        uncertainty=config.lr * math.sqrt(max(0.0, square - mean**2) / config.chains),
        floor=config.lr * QUADRATURE * mean + config.lr * config.steps * (ROUNDING + near_the_barrier(law) + few_left),
        predicted=config.lr * mean,
        predicted_by="the exact distribution",
        source="the diffusion limit's mean first-passage time, by quadrature" if settled else "",
        note="" if settled else "those who have not left by the end count with the whole run",
        unit="lr × steps",
    )


def headline(config: WellsConfig, rows: list[Check], law: Law) -> str:
    """The headline: the share in the flat well, and whether temperature or instability of the sharp one causes it."""
    first = rows[0]
    wrong = next((row for row in rows if row.state is State.DIFFERS), None)
    if wrong is not None:
        due = number(wrong.predicted or 0.0)
        return f"Not the distribution of SGD: {wrong.name}, {number(wrong.measured)} where {due} is due."
    share = f"{number(100 * first.measured)} % of the chains are in the flat well"
    if law.trouble:
        return f"{share}; the noise is too small for an exact law, and for most escapes."
    if config.lr > 2 / STEEP:
        return f"{share}: past lr = 2/curvature = {2 / STEEP:g} the sharp well holds nobody, with any noise."
    gibbs = f"Gibbs has {number(100 * law.gibbs_share)} %"
    if first.state is State.AGREES:
        tested = next(row.measured for row in rows if row.name == TEST)
        return f"{share}; {gibbs} at this temperature. Test loss: {number(tested)}."
    return f"{share}, where {gibbs}: exactly what so many steps of this size give."


@demo_run
def run(config: WellsConfig, progress: Progress | None = None, on_picture: OnPicture | None = None) -> Result:
    """Run SGD from the sharp well, and compare it with its exact distribution at every step."""
    law = Law(config)
    path = simulate(config, law, progress)
    shown = frames(config)
    drawn = picture(config, shown, path.states[shown, :, 0], law)
    if on_picture is not None:
        on_picture(drawn)
    rows = checks(config, path, law)
    warnings = []
    if config.lr > 2 / STEEP:
        warnings.append(
            f"lr = {config.lr:g} is {number(config.lr * STEEP / 2)} times the stability limit 2/curvature = "
            f"{2 / STEEP:g} of the sharp well."
        )
    height = float(energy(np.array(barrier())))
    ratio = number(height / config.temperature)
    notes = (f"The batch noise's temperature is lr σ²/2B = {number(config.temperature)}; the barrier: {ratio} times.",)
    if progress is not None:
        progress(1.0)
    return Result(
        drawn,
        tuple(rows),
        {"share": share_table(path, law, shown)},
        notes,
        tuple(warnings),
        headline(config, rows, law),
    )


def share_table(run: Descent, law: Law, shown: np.ndarray) -> pd.DataFrame:
    """Columns series, step, share: in the flat well, measured, exact, and by Gibbs."""
    rows = []
    for step in shown.tolist():
        rows.append({"series": "SGD", "step": step, "share": float((run.states[step] > barrier()).mean())})
        if not law.trouble:
            rows.append({"series": "exact", "step": step, "share": float(law.in_flat[step])})
        rows.append({"series": "Gibbs", "step": step, "share": law.gibbs_share})
    return pd.DataFrame(rows)
