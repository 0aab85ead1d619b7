"""One run of SGLD: the cloud of its chains beside the posterior, and beside what these steps and batches must give."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from demos.common.numbers import number
from demos.common.progress import Progress, part
from demos.contract import Check, Result, State
from demos.contract.running import demo_run
from demos.stochastic.bench.descent import Descent
from demos.stochastic.bench.moments import mean_check, variance_check
from demos.stochastic.sgld.config import SgldConfig
from demos.stochastic.sgld.law import Law, Moments, right_until
from demos.stochastic.sgld.model import Model, model_for
from demos.stochastic.sgld.picture import picture
from demos.stochastic.sgld.simulate import Replica, replicas, simulate, start_of

NAMES = ("θ₁", "θ₂")
LARGE = 1e12  # of the fourth moment, over the posterior's: beyond, a sample says nothing
SOURCES = {"linear": "the exact posterior, a normal law", "logistic": "the posterior by quadrature"}


def judged(run: Descent, exact: list[Moments] | None, model: Model) -> int:
    """The last frame in which, by the exact law, a sample's variance still says something."""
    if exact is None:
        return len(run.steps) - 1
    usual = model.posterior.fourth
    good = [f for f, k in enumerate(run.steps.tolist()) if (exact[k].fourth < LARGE * usual).all()]
    return good[-1]


def checks(
    config: SgldConfig, model: Model, run: Descent, exact: list[Moments] | None, others: dict[int, Replica], last: int
) -> list[Check]:
    """Variances and means at the last frame beside the posterior, and means on the way."""
    rows = []
    early = max(1, len(run.steps) // 16)
    for frame in dict.fromkeys((last, min(early, last))):
        step = int(run.steps[frame])
        sample = run.states[frame]
        for axis, name in enumerate(NAMES):
            if exact is not None:
                rows += exact_rows(model, name, axis, sample[:, axis], exact[step], step, frame == last, config)
            else:
                rows += replica_rows(config, model, name, axis, sample[:, axis], others[step], step, frame == last)
    order = lambda row: (not row.name.startswith("variance"), "after" in row.name)
    return sorted(rows, key=order)


def exact_rows(
    model: Model, name: str, axis: int, sample: np.ndarray, law: Moments, step: int, last: bool, config: SgldConfig
) -> list[Check]:
    """Of one coefficient, beside the exact law of the discrete chain."""
    posterior, variance = model.posterior, float(law.covariance[axis, axis])
    mean = float(model.mode[axis] + law.means[axis])
    cumulant = float(law.fourth[axis]) - 3 * variance**2
    rest = {"source": SOURCES[config.model]}
    when = f" after {step:,} steps" if not last else ""
    truths = (float(posterior.covariance[axis, axis]), float(posterior.mean[axis])) if last else (None, None)
    named = [rest | ({"truth": truth} if truth is not None else {"source": "exact recursion"}) for truth in truths]
    return [
        variance_check(f"variance of {name}{when}", sample, mean, variance, cumulant, **named[0]),
        mean_check(f"mean of {name}{when}", sample, mean, variance, **named[1]),
    ]


def replica_rows(
    config: SgldConfig, model: Model, name: str, axis: int, sample: np.ndarray, other: Replica, step: int, last: bool
) -> list[Check]:
    """Of one coefficient, beside other chains by other code; the errors of both are from those."""
    posterior, n = model.posterior, config.chains
    sample = np.asarray(sample, float)
    variance, fourth = float(other.variances[axis]), float(other.fourth[axis])
    errors = (math.sqrt(max(0.0, fourth - variance**2) / n), math.sqrt(variance / n))
    measured = (float(sample.var()), float(sample.mean()))
    predicted = (variance, float(other.means[axis]))
    truths = (float(posterior.covariance[axis, axis]), float(posterior.mean[axis]))
    when = f" after {step:,} steps" if not last else ""
    rows = []
    for what, value, due, error, truth in zip(("variance", "mean"), measured, predicted, errors, truths, strict=True):
        rows.append(
            Check(
                f"{what} of {name}{when}",
                value,
                truth if last else None,
                uncertainty=error,
                floor=1e-9 * abs(truth),
                predicted=due,
                predicted_error=error,
                predicted_by="as many other chains by other code",
                source=SOURCES[config.model] if last else "",
            )
        )
    return rows


def headline(config: SgldConfig, model: Model, rows: list[Check], law: Law | None) -> str:
    """One sentence: whether this is a sampler of the posterior, and by how much it is too wide."""
    wrong = next((row for row in rows if row.state is State.DIFFERS), None)
    if wrong is not None:
        due = wrong.predicted if wrong.predicted is not None else wrong.truth or 0.0
        return f"Not the law of SGLD: {wrong.name} is {number(wrong.measured)}, exactly {number(due)}."
    if law is not None and law.growth >= 1:
        return (
            f"Not a sampler: the variance grows by {number(law.growth)} in every step, as predicted; "
            "there is no stationary law."
        )
    ratios = [row.measured / (row.truth or 1.0) for row in rows if row.name in (f"variance of {n}" for n in NAMES)]
    widest = max(ratios)
    what = "with control variates" if config.control else f"in batches of {config.batch}"
    right = all(row.state is State.AGREES for row in rows if row.truth is not None)
    if right:
        return f"SGLD {what} samples the posterior: variances {number(min(ratios))} and {number(widest)} times its own."
    if law is None:
        return f"SGLD {what} is a sampler of another law: its variance is up to {number(widest)} times the posterior's."
    end = right_until(model, config.batch, config.control)
    return (
        f"SGLD {what} gives up to {number(widest)} times the posterior's variance, as predicted; within a tenth of it "
        f"up to lr = {number(end, digits=2)}."
    )


def notes_of(config: SgldConfig, model: Model) -> tuple[str, ...]:
    if model.logistic:
        return ("These steps have no closed form here: their rows stand beside as many other chains by other code.",)
    ends = [right_until(model, config.batch, control) for control in (False, True)]
    return (
        f"In the long run the variance stays within a tenth of the posterior's up to lr = {number(ends[0], digits=2)}, "
        f"with control variates up to lr = {number(ends[1], digits=2)}.",
    )


@demo_run
def run(config: SgldConfig, progress: Progress | None = None) -> Result:
    """Let SGLD run from beside the posterior, and compare its cloud with it."""
    model = model_for(config)
    law = None if model.logistic else Law(model, config.lr / model.steepest, config.batch, config.control)
    path = simulate(config, model, part(progress, 0.0, 1.0, 0.5))
    exact = None if law is None else law.follow(start_of(model) - model.mode, config.steps)
    last = judged(path, exact, model)
    early = max(1, len(path.steps) // 16)
    others = {} if law else replicas(config, model, (int(path.steps[early]), int(path.steps[last])))
    rows = checks(config, model, path, exact, others, last)
    warnings = []
    if law is not None and law.growth >= 1:
        warnings.append(
            f"lr = {config.lr:g} is past the stability limit for batches of {config.batch}: the variance grows by "
            f"{number(law.growth)} in every step."
        )
    if progress is not None:
        progress(1.0)
    return Result(
        picture(config, model, path, exact, last),
        tuple(rows),
        {"excess": excess_table(config, model)} if law is not None else {},
        notes_of(config, model),
        tuple(warnings),
        headline(config, model, rows, law),
    )


def excess_table(config: SgldConfig, model: Model) -> pd.DataFrame:
    """Columns series, lr, ratio: the largest variance over the posterior's in the long run, exactly."""
    rows = []
    ways = {
        f"exact: batches of {config.batch}": (config.batch, False),
        f"exact: batches of {config.batch}, control variates": (config.batch, True),
    }
    for name, (batch, control) in ways.items():
        for lr in np.geomspace(2e-3, 1.9, 60):
            ratio = Law(model, lr / model.steepest, batch, control).excess()
            if ratio < 30:
                rows.append({"series": name.removeprefix("exact: "), "lr": float(lr), "ratio": ratio})
    for lr in np.geomspace(2e-3, 1.9, 60):  # every example in every step: 1/(1 − lr/2)
        rows.append({"series": "all examples", "lr": float(lr), "ratio": float(1 / (1 - lr / 2))})
    return pd.DataFrame(rows)
