"""One run of the escape: SGD and gradient descent from the ridge of a saddle, with the exact distribution of x."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from demos.common.numbers import counted, number
from demos.common.progress import Progress
from demos.common.statistics import binomial_error
from demos.contract import Check, OnPicture, Result, State
from demos.contract.running import demo_run
from demos.stochastic.bench.batches import Draws, normals
from demos.stochastic.bench.descent import Descent, descend
from demos.stochastic.bench.moments import share_error
from demos.stochastic.saddle import landscape
from demos.stochastic.saddle.config import SaddleConfig
from demos.stochastic.saddle.law import Law, across, diffused, frames, grown, linear_until
from demos.stochastic.saddle.picture import picture

ROUNDING = 1e-6


def start_of(config: SaddleConfig, chains: int) -> Tensor:
    """(chains, d) on the ridge: x = 0, and a distance of 1 across it."""
    start = torch.full((chains, config.dimensions), (config.dimensions - 1) ** -0.5, dtype=torch.float32)
    start[:, 0] = 0
    return start


def seen(x: Tensor, t: float) -> Tensor:
    """(n, 3): x, the first coordinate of y, and |y|²."""
    return torch.stack((x[:, 0], x[:, 1], x[:, 1:].square().sum(1)), 1)


def simulate(config: SaddleConfig, progress: Progress | None = None) -> tuple[Descent, Descent]:
    """SGD with fresh examples, whose batch noise is normal; and gradient descent."""
    shape = (config.chains, config.dimensions)
    scale = config.noise / config.batch**0.5
    draws = Draws(config.seed, "batches", normals(shape, scale), numbers=shape[0] * shape[1])
    full = lambda x, step: landscape.gradient(x, config.curvature)
    rates, every = np.full(config.steps, config.lr), config.steps + 1
    noisy = lambda x, step: full(x, step) + draws[step]
    chains = descend(noisy, start_of(config, config.chains), rates, record=every, progress=progress, observe=seen)
    plain = descend(full, start_of(config, 1), rates, record=every, observe=seen)
    return chains, plain


def checks(config: SaddleConfig, run: Descent, plain: Descent, law: Law) -> list[Check]:
    """Rows of the escaped share, of the step at which it is a half, of the variance while it grows, and of |y|²."""
    x = run.states[..., 0].astype(float)
    escaped = (np.abs(x) > landscape.escape_distance(config.curvature)).mean(1)
    rows = []
    if law.trouble:
        why = f"no exact law is known: {law.trouble}"
        source = "the exact distribution of every step"
        rows.append(Check("fraction that has left the saddle", escaped[-1], 1.0, source=source, incomparable=why))
    else:
        rows.append(escaped_check(config, float(escaped[-1]), float(np.clip(law.escaped_share[-1], 0, 1)), law))
        if half := half_check(config, escaped, law):
            rows.append(half)
    spread = spread_check(config, x, law)
    rows.insert(0 if coarse(config) else len(rows), spread)
    mean, variance = across(config, config.steps)
    rows.append(
        Check(
            "mean square distance across the ridge",
            float(run.states[-1, :, 2].astype(float).mean()),
            mean,
            uncertainty=math.sqrt(variance / config.chains),
            floor=ROUNDING * (1 + mean),
            source="closed form: a linear filter in every direction",
        )
    )
    exact = (1 - config.lr) ** config.steps
    with np.errstate(invalid="ignore"):  # a square that is negative gives no number, and no number differs
        left = float(np.hypot(plain.states[-1, 0, 0], np.sqrt(plain.states[-1, 0, 2])))
    rows.append(
        Check(
            "gradient descent's distance from the saddle",
            left,
            exact,
            floor=ROUNDING * (exact + 1e-3),
            source="(1 − lr)^steps: it stays on the ridge, exactly",
        )
    )
    return rows


def escaped_check(config: SaddleConfig, measured: float, exact: float, law: Law) -> Check:
    error, floor = share_error(exact, config.chains)
    return Check(
        "fraction that has left the saddle",
        measured,
        exact,
        uncertainty=error,
        floor=ROUNDING / config.spread + law.lost + floor,
        source="the exact distribution of every step, by quadrature",
        note="beyond half of the way to a minimum",
    )


def half_check(config: SaddleConfig, escaped: np.ndarray, law: Law) -> Check | None:
    """The row of the step at which half of the chains have escaped, interpolated; None where they have not."""
    if law.escaped_share[-1] < 0.7 or law.escaped_share[1] > 0.3 or escaped[-1] <= 0.5:
        return None
    exact = crossing(law.escaped_share)
    at = min(int(exact), config.steps - 1)
    slope = float(law.escaped_share[at + 1] - law.escaped_share[at])
    return Check(
        "step at which half have left",
        crossing(escaped),
        exact,
        uncertainty=binomial_error(0.5, config.chains) / slope,
        floor=0.1,  # error of the linear interpolation between two steps
        source="the exact distribution of every step, by quadrature",
    )


def coarse(config: SaddleConfig) -> bool:
    """Whether the steps are so long that their variance is the subject: less than two thirds of the limit's."""
    step = linear_until(config)
    return grown(config, step) < 2 / 3 * diffused(config, step)


def crossing(shares: np.ndarray) -> float:
    """Where shares (steps + 1,) first reach a half, linearly between two steps."""
    k = int(np.argmax(shares >= 0.5))
    return k - 1 + float((0.5 - shares[k - 1]) / (shares[k] - shares[k - 1])) if k else 0.0


def spread_check(config: SaddleConfig, x: np.ndarray, law: Law) -> Check:
    """The row of Var x at the last step at which nearly all chains are where the energy is quadratic."""
    step = linear_until(config)
    variance = grown(config, step) if law.trouble else float(law.variance[step])
    fourth = 3 * variance**2 if law.trouble else float(law.fourth[step])
    linear = grown(config, step)
    return Check(
        f"variance along the way down after {counted(step, 'step')}",
        float(np.square(x[step]).mean()),
        diffused(config, step),
        uncertainty=math.sqrt(max(0.0, fourth - variance**2) / config.chains),
        floor=1e-5 * variance + (0.1 * linear if law.trouble else 0.0),
        predicted=variance,
        predicted_by="the exact distribution",
        source="(T/λ)(e^{2λt} − 1), the diffusion limit of a parabola",
    )


def headline(config: SaddleConfig, rows: list[Check], law: Law, escaped: float) -> str:
    """The headline: the share of chains that have escaped, and whether gradient descent has."""
    wrong = next((row for row in rows if row.state is State.DIFFERS), None)
    if wrong is not None:
        due = wrong.predicted if wrong.predicted is not None else wrong.truth or 0.0
        return f"Not the distribution of SGD: {wrong.name} is {number(wrong.measured)}, exactly {number(due)}."
    if coarse(config):
        spread = rows[0]
        return (
            f"{spread.name[:1].upper()}{spread.name[1:]}: {number(spread.measured)}, where the diffusion limit has "
            f"{number(spread.truth or 0.0)}: steps grow by 1 + lr λ = {number(1 + config.lr * config.curvature)}, "
            f"not by {number(math.exp(config.lr * config.curvature))}."
        )
    half = next((row for row in rows if row.name.startswith("step at which")), None)
    share = f"{number(100 * escaped)} % of the chains have left the saddle"
    stuck = "gradient descent has not moved off its ridge"
    if half is None:
        return f"{share} after {counted(config.steps, 'step')}; {stuck}."
    return f"{share}, half of them by step {number(half.measured)} (exactly {number(half.truth or 0.0)}); {stuck}."


@demo_run
def run(config: SaddleConfig, progress: Progress | None = None, on_picture: OnPicture | None = None) -> Result:
    """Start SGD on the ridge of a saddle, and compare its escape with the exact distribution."""
    law = Law(config)
    path, plain = simulate(config, progress)
    shown = frames(config)
    drawn = picture(config, shown, path.states[shown], plain.states[shown], law)
    if on_picture is not None:
        on_picture(drawn)
    rows = checks(config, path, plain, law)
    x = path.states[..., 0]
    escaped = (np.abs(x) > landscape.escape_distance(config.curvature)).mean(1)
    expected = math.log(landscape.escape_distance(config.curvature) / math.sqrt(config.temperature / config.curvature))
    steps = max(expected, 0.0) / math.log1p(config.lr * config.curvature)
    notes = (
        f"The way down grows by 1 + lr λ = {number(1 + config.lr * config.curvature, digits=4)} in every step: about "
        f"log(distance/noise)/log(1 + lr λ) = {number(steps, digits=2)} steps.",
    )
    if progress is not None:
        progress(1.0)
    return Result(
        drawn,
        tuple(rows),
        {"escaped": escaped_table(escaped, law, shown)},
        notes,
        (),
        headline(config, rows, law, float(escaped[-1])),
    )


def escaped_table(escaped: np.ndarray, law: Law, shown: np.ndarray) -> pd.DataFrame:
    """Columns series, step, share: of the chains that have left, of SGD, exactly, and of gradient descent."""
    rows = []
    for step in shown.tolist():
        rows.append({"series": "SGD", "step": step, "share": float(escaped[step])})
        rows.append({"series": "gradient descent", "step": step, "share": 0.0})
        if not law.trouble:
            rows.append({"series": "exact", "step": step, "share": float(law.escaped_share[step])})
    return pd.DataFrame(rows)
