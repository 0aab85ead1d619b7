"""One run: seven schedules on the same batches of a quadratic, with the exact distribution of each."""

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
from demos.stochastic.schedules.config import SCHEDULES, SchedulesConfig
from demos.stochastic.schedules.law import (
    Law,
    covariance,
    curvatures,
    floor,
    forgotten_after,
    law,
    least,
    least_free,
    limit,
)
from demos.stochastic.schedules.picture import picture
from demos.stochastic.schedules.schedule import BETA, averages, rates

FRAMES = 70
FAR = 1e12  # largest loss that is compared
ROUNDING = 1e-9  # relative error of double precision over thousands of steps


def recorded(config: SchedulesConfig) -> np.ndarray:
    """(F,) steps with a frame, evenly spaced in their logarithm."""
    return np.unique(np.r_[0, np.rint(np.geomspace(1, config.steps, FRAMES)).astype(int)])


def simulate(config: SchedulesConfig, names: list[str], progress: Progress | None = None) -> dict[str, np.ndarray]:
    """(F, n, 2) the answers of these schedules on the same batches: x, or its average.

    All schedules are integrated as one state, (n, numbers): x of each schedule, then the averages. The time of a step
    is 1, because each has its own rate. The gradient noise of a batch of B fresh examples is normal with variance
    σ² h/B, and is drawn as one number.
    """
    h, scale = curvatures(config)[:, None], np.sqrt(covariance(config))[:, None]
    draws = Draws(config.seed, "batches", normals((config.chains, 2)), numbers=2 * config.chains)
    given = np.stack([rates(name, config.lr, config.steps) for name in names], 1)[..., None, None]
    means = [names.index(name) for name in names if averages(name)]
    free = names.index("free") if "free" in names else None
    count = len(names)

    def gradient(state: Tensor, step: int) -> Tensor:
        both = state.numpy().T.reshape(count + len(means), 2, config.chains)  # as the solver keeps them in memory
        x, p = both[:count], both[count:]
        lr = given[min(step, config.steps - 1)]
        at = x
        if free is not None:
            at = x.copy()
            at[free] = (1 - BETA) * x[free] + BETA * p[means.index(free)]
        moves = np.empty_like(both)
        np.multiply(h * at + scale * draws[step].numpy().T, lr, out=moves[:count])
        for place, which in enumerate(means):
            averaged = step + 2 if which == free else step + 1  # number of points in the mean, with the new one
            moves[count + place] = (p[place] - (x[which] - moves[which])) / averaged
        return torch.from_numpy(moves.reshape(-1, config.chains)).T

    start = torch.full((config.chains, 2 * (count + len(means))), config.start, dtype=torch.float64)
    steps = recorded(config)
    with np.errstate(over="ignore", invalid="ignore"):  # above the stability limit numbers overflow
        run = descend(gradient, start, np.ones(config.steps), record=steps, progress=progress)
    out = np.full((len(steps), config.chains, count + len(means), 2), np.nan)  # nan after a divergence
    out[: len(run.states)] = run.states.reshape(len(run.states), config.chains, -1, 2)
    places = [count + means.index(i) if i in means else i for i in range(count)]
    return {name: out[:, :, place] for name, place in zip(names, places, strict=True)}


def simulate_all(
    config: SchedulesConfig, laws: dict[str, Law], progress: Progress | None = None
) -> dict[str, np.ndarray]:
    """The answers of all schedules. Those that diverge run alone, because the solver stops when a state diverges."""
    calm = [name for name, known in laws.items() if np.max(np.sum(known.parts(), 0)) < FAR]
    groups = [[name] for name in laws if name not in calm] + ([calm] if calm else [])
    found: dict[str, np.ndarray] = {}
    for i, group in enumerate(groups):
        found |= simulate(config, group, part(progress, i, len(groups)))
    return {name: found[name] for name in laws}


def loss_of(config: SchedulesConfig, states: np.ndarray) -> np.ndarray:
    """(..., n) ½ Σ h x²."""
    with np.errstate(over="ignore", invalid="ignore"):
        return 0.5 * states**2 @ curvatures(config)


def checks(config: SchedulesConfig, runs: dict[str, np.ndarray], laws: dict[str, Law]) -> list[Check]:
    """Rows of the mean loss of each schedule at the end, and earlier."""
    steps = recorded(config)
    middle = int(np.searchsorted(steps, max(1, config.steps // 10)))
    rows, early = [], []
    for name, states in runs.items():
        far = [f for f in range(len(steps)) if not laws[name].loss(int(steps[f]))[0] < FAR]
        last = far[0] - 1 if far else len(steps) - 1
        rows.append(loss_check(config, name, states, laws[name], last))
        if 0 < middle < last:
            early.append(loss_check(config, name, states, laws[name], middle, on_the_way=True))
    # of the seven, the three that most of what is said here is about come first
    order = [list(runs).index(name) for name in ("constant", "cosine", "polyak")]
    first = [rows[i] for i in order]
    return [*first, *(row for row in rows if row not in first), *early]


def name_of(schedule: str) -> str:
    """How the row of a schedule's end begins."""
    title = SCHEDULES[schedule]
    return f"loss, {title[:1].lower() + title[1:] if title in ('Constant', 'Step', 'Cosine') else title}"


def loss_check(
    config: SchedulesConfig, name: str, states: np.ndarray, known: Law, frame: int, on_the_way: bool = False
) -> Check:
    step = int(recorded(config)[frame])
    mean, variance = known.loss(step)
    truth, source = (None, "") if on_the_way else theory(config, name)
    if truth is None:
        truth, source = mean, "exact recursion of mean and covariance"
        rest: dict = {}
    else:
        rest = {"predicted": mean, "predicted_by": "the exact distribution"}
    when = f" after {counted(step, 'step')}" if on_the_way or step < config.steps else ""
    return Check(
        name_of(name) + when,
        float(loss_of(config, states[frame]).mean()),
        truth,
        uncertainty=math.sqrt(variance / config.chains),
        floor=ROUNDING * mean,
        source=source,
        **rest,
    )


def theory(config: SchedulesConfig, name: str) -> tuple[float | None, str]:
    """The value of a simple formula for the final loss (None without one), and its source."""
    if name in ("constant", "warmup") and math.isfinite(floor(config)):
        return floor(config), "the floor of a constant rate, ½ Σ lr C/(2 − lr h)"
    if name == "polyak" and config.lr < limit(config):
        return least(config), "½ tr(C H⁻¹)/steps in the long run: Polyak & Juditsky 1992"
    if name == "free" and config.lr < limit(config):
        return least_free(config), "½ tr(C H⁻¹)/((1 − β²) steps) in the long run"
    return None, ""


def headline(config: SchedulesConfig, rows: list[Check], laws: dict[str, Law]) -> str:
    """The headline: final losses over the least loss that so many batches allow."""
    wrong = next((row for row in rows if row.state is State.DIFFERS), None)
    if wrong is not None:
        due = wrong.predicted if wrong.predicted is not None else wrong.truth or 0.0
        return f"Not the distribution of SGD: {wrong.name} is {number(wrong.measured)}, exactly {number(due)}."
    ends = {name: laws[name].loss(config.steps)[0] for name in laws}
    best = min(ends, key=lambda name: ends[name] if math.isfinite(ends[name]) else math.inf)
    measured = next(row.measured for row in rows if row.name.startswith(name_of(best)))
    if config.lr >= limit(config):
        fate = (
            "Past 2/curvature a constant rate diverges"
            if config.lr > limit(config)
            else "At 2/curvature a constant rate has no floor"
        )
        return f"{fate}; {SCHEDULES[best]} ends lowest, at {number(measured)}."
    if best in ("constant", "warmup"):
        return f"The start is not forgotten yet: a constant rate is as good as any, {number(measured)}."
    lowest = least(config)
    found = {
        name: next((row.measured for row in rows if row.name.startswith(name_of(name))), end)
        for name, end in ends.items()
    }
    times = {name: f"{number(found[name] / lowest)} ({number(ends[name] / lowest)})" for name in ends}
    polyak = f"{number(found['polyak'] / lowest)} times the least possible (exact {number(ends['polyak'] / lowest)})"
    warm = " with or without warm-up" if abs(ends["warmup"] / ends["constant"] - 1) < 1e-3 else ""
    return (
        f"The loss ends at {polyak} with Polyak averaging, at {times['free']} with Schedule-Free, {times['cosine']} "
        f"with cosine, {times['constant']} at a constant rate{warm}."
    )


def notes_of(config: SchedulesConfig) -> tuple[str, ...]:
    if math.isfinite(floor(config)):
        settles = f"The floor of a constant rate is {number(floor(config))}"
    else:
        settles = "A constant rate has no floor here"
    if forgotten_after(config) is None:
        return (
            f"{settles}. In the long run batches allow no less than ½ tr(C H⁻¹)/steps; here a constant rate has not "
            "forgotten its start, and a loss below it can be due to a start nearby.",
        )
    return (
        f"{settles}; in the long run {config.steps:,} batches allow no less than ½ tr(C H⁻¹)/steps = "
        f"{number(least(config))}.",
    )


@demo_run
def run(config: SchedulesConfig, progress: Progress | None = None, on_picture: OnPicture | None = None) -> Result:
    """Run all schedules on the same batches, and compare their losses with the exact distribution of each."""
    laws = {name: law(config, name) for name in SCHEDULES}
    runs = simulate_all(config, laws, progress)
    drawn = picture(
        config, recorded(config), runs, {name: loss_of(config, states) for name, states in runs.items()}, laws
    )
    if on_picture is not None:
        on_picture(drawn)
    rows = checks(config, runs, laws)
    warnings = []
    if config.lr > limit(config):
        growth = (1 - config.lr * float(curvatures(config).max())) ** 2
        warnings.append(
            f"lr = {config.lr:g} is {number(config.lr / limit(config))} times the stability limit 2/curvature = "
            f"{number(limit(config))}: at the peak rate the loss grows by {number(growth)} in every step, as predicted."
        )
    if progress is not None:
        progress(1.0)
    return Result(
        drawn,
        tuple(rows),
        {"losses": loss_table(config, laws), "rates": rate_table(config)},
        notes_of(config),
        tuple(warnings),
        headline(config, rows, laws),
    )


def loss_table(config: SchedulesConfig, laws: dict[str, Law]) -> pd.DataFrame:
    """Columns series, step, loss: for each schedule the exact parts by noise and by the decaying start."""
    steps, rows = recorded(config)[1:], []
    for name, known in laws.items():
        _, noise = known.parts()
        rows += [
            {"series": SCHEDULES[name], "step": int(step), "loss": float(noise[step])}
            for step in steps
            if 0 < noise[step] < FAR
        ]
    return pd.DataFrame(rows, columns=["series", "step", "loss"])


def rate_table(config: SchedulesConfig) -> pd.DataFrame:
    """Columns series, step, rate; schedules that average have the constant rate."""
    shown = np.unique(np.linspace(0, config.steps - 1, 200).astype(int))
    rows = []
    for name in SCHEDULES:
        if not averages(name):
            given = rates(name, config.lr, config.steps)
            rows += [{"series": SCHEDULES[name], "step": int(k), "rate": float(given[k])} for k in shown]
    return pd.DataFrame(rows)
