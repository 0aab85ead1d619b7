"""One run: descents on all draws of the noise, compared with exact losses, the best time and the best penalty."""

from __future__ import annotations

import math

import pandas as pd

from demos.common.numbers import number
from demos.common.progress import Progress, part
from demos.contract import Check, OnPicture, Result, State
from demos.contract.running import demo_run
from demos.descent.early_stopping.checks import PENALTIES, Measured, checks, measure
from demos.descent.early_stopping.config import EarlyStoppingConfig
from demos.descent.early_stopping.law import Law
from demos.descent.early_stopping.picture import picture
from demos.descent.early_stopping.problem import Problem, descend, recorded_steps


@demo_run
def run(config: EarlyStoppingConfig, progress: Progress | None = None, on_picture: OnPicture | None = None) -> Result:
    """Descend on every draw of the noise, and compare with what is exact."""
    problem = Problem.of(config)
    law = Law(problem, config.noise)
    lr, steps = config.rate / float(law.curvatures[0]), recorded_steps(config)
    weights = descend(problem, lr, steps, part(progress, 0, 1, 0.9))
    seen = measure(problem, law, lr, steps, weights)
    drawn = picture(config, law, seen)
    if on_picture is not None:
        on_picture(drawn)
    rows = checks(config, problem, law, seen)
    if progress is not None:
        progress(1.0)
    return Result(
        drawn, tuple(rows), {"losses": loss_table(seen), "ridge": ridge_table(seen)}, headline=headline(seen, rows)
    )


def headline(seen: Measured, rows: list[Check]) -> str:
    """The headline: when to stop, and what going on costs."""
    wrong = next((row for row in rows if row.state is State.DIFFERS), None)
    if wrong is not None:
        return f"Not the descent on this problem: {wrong.name} is {number(wrong.measured)}."
    if not seen.turns:
        return "The risk on new examples falls as long as the training loss does: there is no reason to stop."
    stop, end = seen.risk[seen.stop], seen.risk[-1]
    return (
        f"The training loss falls to the end; the risk is lowest at t = {number(math.exp(seen.best_time.place))}: "
        f"{number(float(stop))}, with the best ridge penalty {number(float(seen.ridge.min()))}, at the end "
        f"{number(float(end / stop))} times as high."
    )


def loss_table(seen: Measured) -> pd.DataFrame:
    """Columns t, loss, series."""
    curves = {
        "training loss": seen.training,
        "risk on new examples": seen.risk,
        "exact training loss": seen.exact_training,
        "exact risk": seen.exact_risk,
    }
    return pd.concat(
        [pd.DataFrame({"t": seen.times, "loss": values, "series": name}) for name, values in curves.items()],
        ignore_index=True,
    )


def ridge_table(seen: Measured) -> pd.DataFrame:
    """Columns time, risk, series: the descent over t, ridge over 1/λ."""
    inside = (1 / PENALTIES >= seen.times[0]) & (1 / PENALTIES <= seen.times[-1])
    parts = [
        pd.DataFrame({"time": seen.times, "risk": seen.risk, "series": "stopped at t"}),
        pd.DataFrame({"time": 1 / PENALTIES[inside], "risk": seen.ridge[inside], "series": "ridge, 1/λ = t"}),
    ]
    exact = pd.DataFrame({"time": 1 / PENALTIES[inside], "risk": seen.exact_ridge[inside], "series": "exact ridge"})
    return pd.concat([*parts, exact], ignore_index=True)
