"""One run of the cloud: SGD on a quadratic loss, with its exact distribution and its diffusion limit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from demos.common.numbers import counted, number
from demos.common.progress import Progress
from demos.contract import Check, OnPicture, Result, State
from demos.contract.running import demo_run
from demos.stochastic.bench.batches import Draws, batch_means
from demos.stochastic.bench.descent import Descent, descend
from demos.stochastic.bench.moments import mean_check, variance_check
from demos.stochastic.cloud.config import CloudConfig
from demos.stochastic.cloud.law import CURVATURES, START, Law, Moments
from demos.stochastic.cloud.picture import picture

FAR = 1e5  # largest distance of a growing cloud, in standard deviations, that is compared: float32 has seven digits
ROUND = 0.9  # the least ratio of the diffusion limit's variances at which its cloud is called round
NAMES = ("steep direction", "flat direction")


def simulate(config: CloudConfig, law: Law, progress: Progress | None = None) -> Descent:
    """SGD (Euler's step), or SGD with momentum (heavy ball), from one point, with independent batches per chain."""
    means = Draws(
        config.seed,
        "batches",
        batch_means(law.examples, config.batch, config.chains, config.sampling),
        numbers=2 * config.chains,
        whole=config.batches_an_epoch if config.sampling == "epochs" else 1,
    )
    h = torch.tensor(CURVATURES, dtype=torch.float32)

    def gradient(x: Tensor, step: int) -> Tensor:
        return h * (x - means[step])

    start = torch.tensor([START], dtype=torch.float32).repeat(config.chains, 1)
    energy = lambda x: 0.5 * (h * x * x).sum(1)
    how = {"method": "heavy_ball", "momentum": config.momentum} if config.momentum else {}
    rates = np.full(config.steps, config.lr)
    return descend(gradient, start, rates, energy=energy, record=80, progress=progress, **how)


@dataclass(frozen=True)
class JudgedFrame:
    """The frame that the rows are about, and the exact moments of both directions in every frame."""

    frame: int
    early: int  # the first frame after the start
    moments: list[tuple[Moments, Moments]]  # (F,)


def judged_frame(run: Descent, law: Law) -> JudgedFrame:
    """The last frame in which the cloud is, by its exact moments, near enough for single precision; and the moments."""
    moments = [(law.moments(0, step), law.moments(1, step)) for step in run.steps.tolist()]
    near = [f for f, pair in enumerate(moments) if all(math.hypot(m.mean, m.variance**0.5) < FAR for m in pair)]
    return JudgedFrame(near[-1], 1, moments)


def checks(config: CloudConfig, run: Descent, law: Law, view: JudgedFrame) -> list[Check]:
    """Rows of the variances at the last frame, and of the means there and earlier."""
    rows, step, size = [], int(run.steps[view.frame]), config.noise / CURVATURES[1] ** 0.5
    for axis, name in enumerate(NAMES):
        exact = view.moments[view.frame][axis]
        sample = run.states[view.frame, :, axis]
        settled = config.momentum == 0 or abs(exact.variance - law.moments(axis, max(1, step * 3 // 4)).variance) < (
            0.01 * exact.variance
        )
        rest = {
            "source": "the diffusion limit: Mandt, Hoffman & Blei 2017",
            "predicted_by": "the exact distribution",
            "note": "its mean square distance from the exact mean",
        }
        if settled and config.sampling != "epochs":
            rest["truth"] = law.limit(axis, step)
        elif config.sampling == "epochs":
            rest |= {"source": "exact sum over the epochs' orders", "note": "an epoch's batches are no white noise"}
        else:
            rest |= {"source": "exact sum over the steps", "note": "not settled yet"}
        rows.append(variance_check(f"variance, {name}", sample, exact.mean, exact.variance, exact.fourth, size, **rest))
    for frame in dict.fromkeys((view.early, view.frame)):
        for axis, name in enumerate(NAMES):
            exact, when = view.moments[frame][axis], f"after {counted(int(run.steps[frame]), 'step')}"
            row = mean_check(
                f"mean, {name}, {when}",
                run.states[frame, :, axis],
                exact.mean,
                exact.variance,
                size,
                source="the start's decay, exact",
            )
            rows.append(row)
    return rows


def self_tests(config: CloudConfig, law: Law) -> list[Check]:
    """The self-test that compares two computations of the stationary variance: by the Lyapunov equation, and in closed
    form without momentum."""
    if config.momentum or config.lr >= 1.999 or config.sampling == "epochs":
        return []
    noise = config.noise**2 / config.batch
    if config.sampling == "without":
        noise *= (config.examples - config.batch) / (config.examples - 1)
    closed = config.lr * noise / (2 - config.lr)
    return [
        Check(
            "long-run variance by Lyapunov's equation",
            law.stationary(0),
            closed,
            floor=1e-9 * closed,
            source="lr C/(h (2 − lr h))",
            about="code",
        )
    ]


def headline(config: CloudConfig, rows: list[Check], law: Law) -> str:
    """The headline: the cloud's variance beside the diffusion limit's, or beside plain SGD's where it is not plain."""
    first, second = rows[0], rows[1]
    wrong = next((row for row in rows if row.state is State.DIFFERS), None)
    if wrong is not None:
        due = number(_expected(wrong))
        return f"Not the distribution of SGD: {wrong.name} is {number(wrong.measured)}, exactly {due}."
    grown = law.growth(0)
    if grown > 1:
        return (
            f"Too large a learning rate, {number(config.lr / config.limit)} times the limit: the cloud grows "
            f"{number(grown)}-fold in every step, as predicted."
        )
    if first.truth is None:
        return (
            f"{first.name[:1].upper()}{first.name[1:]}: {number(first.measured)}; exactly {number(_expected(first))}."
        )
    if config.sampling == "epochs":
        shares = [row.measured / plain(config, axis) for axis, row in enumerate((first, second))]
        return (
            f"Variance {number(first.measured)} across the steep direction and {number(second.measured)} across the "
            f"flat one: {number(shares[0])} and {number(shares[1])} of what independent batches settle at."
        )
    if first.truth == 0:
        return "Every batch is the whole data set: gradient descent, without noise."
    ratio = (first.predicted or 0.0) / first.truth
    if config.momentum and math.isfinite(plain(config, 0)):
        return (
            f"Variance {number(first.measured)} across the steep direction, "
            f"{number(first.measured / plain(config, 0))} times that of plain SGD, {number(plain(config, 0))}."
        )
    if first.state is State.AGREES:
        both = f"{number(first.measured)} across the steep direction, {number(second.measured)} across the flat one"
        if second.truth is not None and second.truth < ROUND * first.truth:
            steps = counted(config.steps, "step")
            return f"Variance {both}: as in the diffusion limit, which is not yet round after {steps}."
        return f"Variance {both}: as in the diffusion limit, the cloud is round."
    return (
        f"Variance {number(first.measured)} across the steep direction, {number(ratio)} times the diffusion limit's: "
        "exactly what discrete steps give."
    )


def plain(config: CloudConfig, axis: int) -> float:
    """The long-run variance lr C/(h (2 − lr h)) of SGD without momentum and with independent batches; inf where there
    is none."""
    damping, noise = 2 - config.lr * CURVATURES[axis], config.noise**2 / config.batch
    if config.sampling == "without":
        noise *= (config.examples - config.batch) / (config.examples - 1)
    return config.lr * noise / damping if damping > 0 else math.inf


def _expected(row: Check) -> float:
    return row.predicted if row.predicted is not None else row.truth or 0.0


@demo_run
def run(config: CloudConfig, progress: Progress | None = None, on_picture: OnPicture | None = None) -> Result:
    """Run SGD on a quadratic loss, and compare its cloud with the exact distribution of every step."""
    law = Law(config)
    path = simulate(config, law, progress)
    view = judged_frame(path, law)
    drawn = picture(config, path, law, view.moments, view.frame)
    if on_picture is not None:
        on_picture(drawn)
    rows = checks(config, path, law, view)
    warnings = []
    if law.growth(0) >= 1:
        warnings.append(
            f"lr = {config.lr:g} is {number(config.lr / config.limit)} times the stability limit "
            f"2(1 + β)/curvature = {config.limit:g}: the cloud grows by {number(law.growth(0))} in every step."
        )
    seen = config.steps * config.batch / config.examples
    notes = [f"{config.batches_an_epoch:,} batches make an epoch; this run took {number(seen)} epochs."]
    if config.examples % config.batch and config.sampling == "epochs":
        notes.append(f"{config.examples % config.batch} examples of each epoch are left out: they fill no batch.")
    return Result(
        drawn,
        (*rows, *self_tests(config, law)),
        {"variance": variance_table(path, law, view)},
        tuple(notes),
        tuple(warnings),
        headline(config, rows, law),
    )


def variance_table(run: Descent, law: Law, view: JudgedFrame) -> pd.DataFrame:
    """Columns series, step, variance: measured, exact, and by the diffusion limit, in both directions."""
    rows = []
    for axis, name in enumerate(NAMES):
        for frame in range(1, view.frame + 1):
            step, exact = int(run.steps[frame]), view.moments[frame][axis]
            measured = float(np.square(run.states[frame, :, axis].astype(float) - exact.mean).mean())
            rows.append({"series": f"SGD, {name}", "step": step, "variance": measured})
            rows.append({"series": f"exact, {name}", "step": step, "variance": exact.variance})
            rows.append({"series": f"diffusion limit, {name}", "step": step, "variance": law.limit(axis, step)})
    return pd.DataFrame(rows)
