"""One run: SGD on linear regression, its tail compared with the theoretical exponent and the exact distribution."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import torch
from scipy.special import erfc
from torch import Tensor

from demos.common.numbers import counted, number
from demos.common.progress import Progress
from demos.contract import Check, OnPicture, Result, State
from demos.contract.running import demo_run
from demos.stochastic.bench.batches import Draws
from demos.stochastic.bench.descent import Descent, descend
from demos.stochastic.bench.moments import share_error
from demos.stochastic.tails.config import TailsConfig
from demos.stochastic.tails.law import TOP, Law
from demos.stochastic.tails.picture import NORMAL_MEDIAN, picture

GRID = 3e-3  # relative error of the grid: the change with twice as many cells and nodes, which a test checks
FAR = 6.0  # the distance, in standard deviations of a normal distribution with the same median, of the tail's row


def simulate(config: TailsConfig, progress: Progress | None = None) -> Descent:
    """Run SGD. A batch's mean of z² is a Gamma number, and given that its mean of zε is normal: both are drawn
    directly."""
    half, chains = config.batch / 2, config.chains

    def draw(generator: np.random.Generator, steps: int) -> np.ndarray:
        a = generator.standard_gamma(half, (steps, chains), dtype=np.float32) / np.float32(half)
        b = generator.standard_normal((steps, chains), dtype=np.float32)
        return np.stack((a, config.noise * np.sqrt(a / config.batch) * b), -1).astype(np.float32)

    draws = Draws(config.seed, "batches", draw, numbers=2 * chains)

    def gradient(x: Tensor, step: int) -> Tensor:
        drawn = draws[step]
        return drawn[:, :1] * x - drawn[:, 1:]

    every = config.steps + 1
    return descend(gradient, torch.zeros(chains, 1), np.full(config.steps, config.lr), record=every, progress=progress)


def checks(config: TailsConfig, x: np.ndarray, law: Law) -> list[Check]:
    """The rows of x (steps + 1, n), |x| of all chains: exponent, share of the tail, median at the end and earlier."""
    last, alpha = config.steps, law.alpha
    q = law.quantile(last, TOP)
    tail = x[-1][x[-1] > q].astype(float)
    mean, spread = law.excess(last, q)
    share = law.share_beyond(last, q)
    hill = 1 / float(np.log(tail / q).mean()) if len(tail) else math.nan
    error = spread / math.sqrt(config.chains * share) / mean**2
    rows = [
        Check(
            "tail exponent, by Hill's estimate",
            hill,
            alpha,
            uncertainty=error,
            # bias of 1/(mean of k values): 1/k of it, and the second order of its error
            floor=GRID / mean + (spread / mean) ** 2 / (config.chains * share) / mean,
            predicted=1 / mean,
            predicted_by="the exact distribution",
            source="E|1 − lr a|^α = 1" if alpha is not None else "",
            note=f"from the outermost {100 * share:.1f} % of the chains",
        )
    ]
    rows.append(share_check(config, x[-1], law, last, q, "fraction in the tail"))
    middle = law.quantile(last, 0.5)
    far = FAR * middle / NORMAL_MEDIAN
    beyond = share_check(config, x[-1], law, last, far, f"fraction beyond {FAR:g} normal standard deviations")
    rows.insert(0 if alpha is None else len(rows), beyond)  # without a power law it says more than an exponent
    rows.append(share_check(config, x[-1], law, last, middle, "fraction beyond the exact median"))
    early = min(2, config.steps)
    rows.append(share_check(config, x[early], law, early, middle, f"the same after {counted(early, 'step')}"))
    return rows


def share_check(config: TailsConfig, x: np.ndarray, law: Law, step: int, q: float, name: str) -> Check:
    exact = law.share_beyond(step, q)
    error, floor = share_error(exact, config.chains)
    return Check(
        name,
        float((x > q).mean()),
        exact,
        uncertainty=error,
        floor=GRID * exact + floor,
        source="the exact distribution of every step",
        note=f"|x| > {number(q)}",
    )


def headline(config: TailsConfig, rows: list[Check]) -> str:
    """The headline: the exponent of the tail, and a comparison with a Gaussian."""
    wrong = next((row for row in rows if row.state is State.DIFFERS), None)
    if wrong is not None:
        due = wrong.predicted if wrong.predicted is not None else wrong.truth or 0.0
        return f"Not the distribution of SGD: {wrong.name} is {number(wrong.measured)}, exactly {number(due)}."
    hill = next(row for row in rows if row.name.startswith("tail exponent"))
    far = next(row for row in rows if row.name.startswith("fraction beyond"))
    if hill.truth is None:
        who = f"{number(100 * far.measured)} % are" if far.measured else f"none of {config.chains:,} chains is"
        return f"Thin tails: {who} beyond {FAR:g} normal standard deviations, as the exact distribution predicts."
    if not far.measured:
        return (
            f"Hardly a tail: its exponent is {number(hill.truth)}, and none of {config.chains:,} chains is beyond "
            f"{FAR:g} normal standard deviations."
        )
    known = "infinite mean" if hill.truth < 1 else "infinite variance" if hill.truth <= 2 else ""
    what = f", with {known}" if known else ""
    return (
        f"A power-law tail of exponent {number(hill.truth)}{what} (Hill: {number(hill.measured)}): "
        f"{number(100 * far.measured)} % beyond {FAR:g} normal standard deviations, where a Gaussian has 2 in 10⁹."
    )


@demo_run
def run(config: TailsConfig, progress: Progress | None = None, on_picture: OnPicture | None = None) -> Result:
    """Let SGD fit one weight, and compare its tail with theory."""
    law = Law(config)
    path = simulate(config, progress)
    drawn = picture(config, path.states[..., 0], law, law.alpha)
    if on_picture is not None:
        on_picture(drawn)
    x = np.abs(path.states[..., 0])
    rows = checks(config, x, law)
    limit = 2 / (1 + 2 / config.batch)
    side = "below" if config.lr < limit else "past"
    notes = (
        f"lr is {side} 2/(1 + 2/B) = {number(limit)}, up to which the variance stays finite: the noise of the gradient "
        "grows with the weight, so it is not the noise of a temperature.",
    )
    if progress is not None:
        progress(1.0)
    return Result(
        drawn,
        tuple(rows),
        {"tail": tail_table(x[-1], law)},
        notes,
        (),
        headline(config, rows),
    )


def tail_table(x: np.ndarray, law: Law) -> pd.DataFrame:
    """Columns series, x, share: the share beyond x at the end, measured, exact, and of a Gaussian."""
    last = law.config.steps
    sigma = law.quantile(last, 0.5) / NORMAL_MEDIAN
    places = law.edges[(law.beyond(last) > 0.3 / len(x)) & (law.edges > 0.1 * sigma)]
    ordered = np.sort(x)
    measured = 1 - np.searchsorted(ordered, places) / len(x)
    exact = [law.share_beyond(last, q) for q in places]
    normal = erfc(places / sigma / math.sqrt(2))
    columns = {"SGD": measured, "exact": exact, "Gaussian of the same median": normal}
    rows = [
        {"series": name, "x": float(q), "share": float(p)}
        for name, shares in columns.items()
        for q, p in zip(places, shares, strict=True)
        if p > 0.3 / len(x)
    ]
    return pd.DataFrame(rows)
