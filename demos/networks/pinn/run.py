"""One run: two networks of one seed, trained side by side. Pure: same config, same bytes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from demos.common.numbers import counted, number
from demos.common.progress import Progress, part
from demos.contract import Check, OnPicture, Result, State
from demos.contract.running import demo_run
from demos.networks.pinn.checks import NAMES, checks_of
from demos.networks.pinn.config import PinnConfig
from demos.networks.pinn.network import Network
from demos.networks.pinn.picture import PLACES, picture
from demos.networks.pinn.train import Training, train

TRAINING = 0.8  # share of the progress bar for the training
LEARNED = 0.1  # the error below which a solution counts as learned


@demo_run
def run(config: PinnConfig, progress: Progress | None = None, on_picture: OnPicture | None = None) -> Result:
    """The physics-informed network as a function of its config."""
    path = train(config, part(progress, 0, 1, TRAINING))
    places = np.linspace(-1, 1, PLACES)
    network = Network(config)
    u = np.stack([network.output(weights, places) for weights in path.weights])
    drawn = picture(config, path, places, u)
    if on_picture is not None:
        on_picture(drawn)
    checks = checks_of(config, path, places, u)
    return Result(
        drawn,
        tuple(checks),
        tables(path),
        notes(path),
        headline=headline(config, path, checks),
    )


def learned(errors: np.ndarray) -> int | None:
    """The first step at which the error (S + 1,) is below LEARNED; None if there is none."""
    below = np.flatnonzero(errors < LEARNED)
    return int(below[0]) if len(below) else None


def notes(path: Training) -> tuple[str, ...]:
    ratio = path.by_residual[:, 0] / path.by_boundary[:, 0]
    low, middle, high = np.quantile(ratio[: min(301, len(ratio))], [0.1, 0.5, 0.9])
    ends = np.sqrt(path.boundary.max(0))
    first = [learned(path.error[:, index]) for index in (0, 1)]
    when = [f"at step {step}" if step is not None else "never" for step in first]
    return (
        f"With λ fixed, |∇ℒᵣ|/|∇ℒ_b| is {number(float(ratio[0]))} at the start; over the first "
        f"{counted(min(300, len(ratio) - 1), 'step')} its median is {number(float(middle))}, and a tenth lies below "
        f"{number(float(low))}, a tenth above {number(float(high))}.",
        f"|u| at the ends, rms, goes up to {number(float(ends[0]))} with λ fixed, {number(float(ends[1]))} balanced.",
        f"The error is first below 10 %, with λ fixed: {when[0]}; balanced: {when[1]}.",
    )


def headline(config: PinnConfig, path: Training, checks: list[Check]) -> str:
    wrong = next((row for row in checks if row.state is State.DIFFERS), None)
    if wrong is not None:
        due = wrong.truth if wrong.predicted is None else wrong.predicted
        return f"{wrong.name}: {number(wrong.measured)}, due is {number(due or 0.0)}."
    fixed, balanced = (100 * row.measured for name in NAMES for row in checks[:4:2] if row.name.endswith(name))
    first = learned(path.error[:, 1])
    since = "" if first is None else f"; this one is below {LEARNED:.0%} from step {first} on"
    return (
        f"After {counted(config.steps, 'step')} u is {number(fixed)} % off with λ = {config.weight:g}, and "
        f"{number(balanced)} % "
        f"off with λ balanced, now {number(float(path.weight[-1, 1]))}{since}."
    )


def tables(path: Training) -> dict[str, pd.DataFrame]:
    """errors (series, step, error), ratios (series, step, ratio of gradients, unweighted), losses (series, step, loss)
    and weights (series, step, weight): at every step, or at 400 of them."""
    count = len(path.error)
    at = np.unique(np.rint(np.linspace(0, count - 1, min(count, 401))).astype(int))

    def table(column: str, **series: np.ndarray) -> pd.DataFrame:
        frames = [
            pd.DataFrame({"series": name.replace("_", " "), "step": at, column: values[at]})
            for name, values in series.items()
        ]
        return pd.concat(frames, ignore_index=True)

    both = ("fixed_λ", "balanced")
    ratio = path.by_residual / np.maximum(path.by_boundary, 1e-300)
    losses = {
        f"{part}, {name.replace('_', ' ')}": getattr(path, part)[:, index]
        for part in ("residual", "boundary")
        for index, name in enumerate(both)
    }
    return {
        "errors": table("error", **{name: path.error[:, index] for index, name in enumerate(both)}),
        "ratios": table("ratio", **{name: ratio[:, index] for index, name in enumerate(both)}),
        "losses": table("loss", **losses),
        "weights": table("weight", **{name: path.weight[:, index] for index, name in enumerate(both)}),
    }
