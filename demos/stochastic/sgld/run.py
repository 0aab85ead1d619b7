"""One run of SGLD: the cloud of its chains, compared with the posterior and with the prediction for its steps."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from demos.common.numbers import counted, number
from demos.common.progress import Progress, part
from demos.contract import Check, OnPicture, Result, State
from demos.contract.running import demo_run
from demos.stochastic.bench.descent import Descent
from demos.stochastic.bench.evidence import expected
from demos.stochastic.bench.moments import mean_check, variance_check
from demos.stochastic.sgld.config import SgldConfig
from demos.stochastic.sgld.law import TENTH, Law, Moments, right_until
from demos.stochastic.sgld.model import Model, model_for
from demos.stochastic.sgld.picture import picture
from demos.stochastic.sgld.simulate import Replica, replicas, simulate, start_of

NAMES = ("θ₁", "θ₂")
LARGE = 1e12  # largest fourth moment, relative to the posterior's, at which a sample is compared
REPLICAS = "as many other chains by other code"
SOURCES = {"linear": "the exact posterior, a Gaussian", "logistic": "the posterior by quadrature"}


def judged_frame(run: Descent, exact: list[Moments] | None, model: Model) -> int:
    """The last frame in which, by the exact fourth moment, a sample's variance can be compared."""
    if exact is None:
        return len(run.steps) - 1
    usual = model.posterior.fourth
    good = [f for f, k in enumerate(run.steps.tolist()) if (exact[k].fourth < LARGE * usual).all()]
    return good[-1]


def checks(
    config: SgldConfig, model: Model, run: Descent, exact: list[Moments] | None, others: dict[int, Replica], last: int
) -> list[Check]:
    """Rows of variances and means at the last frame against the posterior, and of an earlier mean displacement along
    the narrow direction."""
    rows, step = [], int(run.steps[last])
    for axis, name in enumerate(NAMES):
        sample = np.asarray(run.states[last, :, axis], float)
        if exact is not None:
            rows += exact_rows(config, model, name, axis, sample, exact[step])
        else:
            rows += replica_rows(config, model, name, axis, sample, others[step])
    early = min(early_frame(config, run), last)
    rows.append(way_there(model, run, exact, others, early))
    return sorted(rows, key=lambda row: not row.name.startswith("variance"))


def early_frame(config: SgldConfig, run: Descent) -> int:
    """The frame near the step 1/lr, where the displacement from the mode depends most on the gradient's size."""
    return 1 + int(np.argmin(np.abs(run.steps[1:] - 1 / config.lr)))


def exact_rows(config: SgldConfig, model: Model, name: str, axis: int, sample: np.ndarray, law: Moments) -> list[Check]:
    """Rows of one coefficient against the exact distribution of the discrete chain."""
    posterior, variance = model.posterior, float(law.covariance[axis, axis])
    mean = float(model.mode[axis] + law.means[axis])
    cumulant = float(law.fourth[axis]) - 3 * variance**2
    truths = (float(posterior.covariance[axis, axis]), float(posterior.mean[axis]))
    source = SOURCES[config.model]
    return [
        variance_check(f"variance of {name}", sample, mean, variance, cumulant, truth=truths[0], source=source),
        mean_check(f"mean of {name}", sample, mean, variance, truth=truths[1], source=source),
    ]


def replica_rows(
    config: SgldConfig, model: Model, name: str, axis: int, sample: np.ndarray, other: Replica
) -> list[Check]:
    """Rows of one coefficient against independent chains by independent code, which also give the standard errors."""
    posterior, n = model.posterior, config.chains
    variance, fourth = float(other.variances[axis]), float(other.fourth[axis])
    errors = (math.sqrt(max(0.0, fourth - variance**2) / n), math.sqrt(variance / n))
    measured = (float(sample.var()), float(sample.mean()))
    predicted = (variance, float(other.means[axis]))
    truths = (float(posterior.covariance[axis, axis]), float(posterior.mean[axis]))
    return [
        Check(
            f"{what} of {name}",
            value,
            truth,
            uncertainty=error,
            floor=1e-9 * abs(truth),
            predicted=due,
            predicted_error=error,
            predicted_by=REPLICAS,
            source=SOURCES[config.model],
        )
        for what, value, due, error, truth in zip(
            ("variance", "mean"), measured, predicted, errors, truths, strict=True
        )
    ]


def way_there(model: Model, run: Descent, exact: list[Moments] | None, others: dict[int, Replica], frame: int) -> Check:
    """The row of the signed mean displacement from the mode along the narrow direction, while the start decays."""
    step, narrow = int(run.steps[frame]), model.narrow
    if exact is not None:
        mean, variance, other = float(exact[step].means @ narrow), float(narrow @ exact[step].covariance @ narrow), 0.0
    else:
        mean, variance = others[step].across
        other = math.sqrt(variance / run.states.shape[1])
    return Check(
        f"mean displacement from the mode after {counted(step, 'step')}",
        float((run.states[frame].astype(float) @ narrow).mean() - model.mode @ narrow),
        None,
        uncertainty=math.sqrt(variance / run.states.shape[1]),
        floor=1e-9,
        predicted=mean,
        predicted_error=other,
        predicted_by="the exact distribution" if exact is not None else REPLICAS,
        note="signed, across the narrow direction",
    )


def headline(config: SgldConfig, model: Model, rows: list[Check], law: Law | None) -> str:
    """One sentence: whether this is a sampler of the posterior, and by how much it is too wide. The exact
    distribution decides where there is one: few chains cannot tell a third more variance from none."""
    wrong = next((row for row in rows if row.state is State.DIFFERS), None)
    if wrong is not None:
        due = wrong.predicted if wrong.predicted is not None else wrong.truth or 0.0
        return f"Not the distribution of SGLD: {wrong.name} is {number(wrong.measured)}, exactly {number(due)}."
    what = "with control variates" if config.control else f"in batches of {config.batch}"
    variances = [row for row in rows if row.name in (f"variance of {n}" for n in NAMES)]
    ratios = [row.measured / (row.truth or 1.0) for row in variances]
    if law is None:
        return f"SGLD {what} {beside_quadrature(config, rows, variances, ratios)}"
    if law.growth >= 1:
        return (
            f"Not a sampler: the variance grows by {number(law.growth)} in every step, as predicted; "
            "there is no stationary distribution."
        )
    excess = number(law.excess(), digits=3)
    if law.excess() > 1 + TENTH:
        end = right_until(model, config.batch, config.control)
        return (
            f"SGLD {what} has {number(max(ratios))} times the posterior's variance (widest direction, long run: "
            f"{excess}); within a tenth of it up to lr = {number(end, digits=2)}."
        )
    if not forgotten(model, rows, variances):
        steps = counted(config.steps, "step")
        return f"After {steps} SGLD {what} still remembers its start; then it samples the posterior."
    return (
        f"SGLD {what} samples the posterior: variances {number(min(ratios))} and {number(max(ratios))} times its own, "
        f"in the long run {excess} at most."
    )


def beside_quadrature(config: SgldConfig, rows: list[Check], variances: list[Check], ratios: list[float]) -> str:
    """The headline where no exact distribution of the chains is known: from the measured variances."""
    off = [row for row in rows if row.truth is not None and row.state is not State.AGREES]
    if off:
        worst = max(off, key=lambda row: abs(row.measured - (row.truth or 0.0)) / row.allowed)
        return (
            f"does not sample the posterior: {worst.name} is {number(worst.measured)}, "
            f"the posterior's {number(worst.truth or 0.0)}."
        )
    seen = max(row.allowed / (row.truth or 1.0) for row in variances)
    return (
        f"samples the posterior as far as {config.chains:,} chains can tell: variances {number(min(ratios))} and "
        f"{number(max(ratios))} times its own, to within {seen:.0%}."
    )


def forgotten(model: Model, rows: list[Check], variances: list[Check]) -> bool:
    """Whether the means that are due at the end are a tenth of a standard deviation from the posterior's at most, and
    the variances a tenth."""
    wide = np.sqrt(np.diag(model.posterior.covariance))
    means = [row for row in rows if row.name in (f"mean of {n}" for n in NAMES)]
    shifts = [abs(expected(row) - (row.truth or 0.0)) / one for row, one in zip(means, wide, strict=True)]
    return max(shifts) <= TENTH and all(abs(expected(row) / (row.truth or 1.0) - 1) <= TENTH for row in variances)


def notes_of(config: SgldConfig, model: Model) -> tuple[str, ...]:
    if model.logistic:
        return ("These steps have no closed form here: their rows stand beside as many other chains by other code.",)
    ends = [right_until(model, config.batch, control) for control in (False, True)]
    return (
        f"In the long run the variance stays within a tenth of the posterior's up to lr = {number(ends[0], digits=2)}, "
        f"with control variates up to lr = {number(ends[1], digits=2)}.",
    )


@demo_run
def run(config: SgldConfig, progress: Progress | None = None, on_picture: OnPicture | None = None) -> Result:
    """Run SGLD from a start outside the posterior, and compare its cloud with the posterior."""
    model = model_for(config)
    law = None if model.logistic else Law(model, config.lr / model.steepest, config.batch, config.control)
    path = simulate(config, model, part(progress, 0.0, 1.0, 0.5))
    exact = None if law is None else law.follow(start_of(model) - model.mode, config.steps)
    last = judged_frame(path, exact, model)
    drawn = picture(config, model, path, exact, last)
    if on_picture is not None:
        on_picture(drawn)
    others = {} if law else replicas(config, model, (int(path.steps[early_frame(config, path)]), int(path.steps[last])))
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
        drawn,
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
    for lr in np.geomspace(2e-3, 1.9, 60):  # with all examples in every step the ratio is 1/(1 − lr/2)
        rows.append({"series": "all examples", "lr": float(lr), "ratio": float(1 / (1 - lr / 2))})
    return pd.DataFrame(rows)
