"""Scenes of stochastic gradient Langevin dynamics."""

from __future__ import annotations

import numpy as np

from demos.contract import Claim, Evidence, Result, Scene, State, Try
from demos.stochastic.bench.evidence import expected, rows
from demos.stochastic.sgld.config import SgldConfig
from demos.stochastic.sgld.law import Law
from demos.stochastic.sgld.model import model_of

ALL = 10**9  # a batch so large that its noise is negligible


def ratios(result: Result) -> list[float]:
    """The ratios of the final variances to the posterior's, where these are compared."""
    return [expected(check) / (check.truth or 1.0) for check in rows(result, "variance")]


def right(result: Result) -> bool:
    return all(check.state is not State.DIFFERS for check in result.verdict.rows)


def samples(result: Result) -> Evidence:
    """The claim that all rows agree with the posterior, and no compared variance is more than a quarter larger."""
    holds = all(check.agrees for check in result.verdict.rows) and max(ratios(result)) < 1.25
    return Evidence(holds, f"variances {ratios(result)[0]:.3f} and {ratios(result)[1]:.3f} times the posterior's")


def wider(low: float, high: float) -> Claim:
    """The claim that the largest ratio of a compared variance to the posterior's is in this range, as measured."""

    def claim(result: Result) -> Evidence:
        widest = max(ratios(result))
        return Evidence(right(result) and low <= widest <= high, f"{widest:.3g} times the posterior's")

    return claim


def batches_add(result: Result) -> Evidence:
    """The claim that batches as large as the data set, drawn with replacement, give 1.8, and all examples 1.4."""
    model = model_of("linear", NO_SAMPLER.examples)
    everything = Law(model, NO_SAMPLER.lr / model.steepest, ALL, False).stationary()
    assert everything is not None
    least = float((np.diag(everything) / np.diag(model.posterior.covariance)).max())
    widest = max(ratios(result))
    holds = right(result) and 1.75 < widest < 1.9 and 1.35 < least < 1.45
    return Evidence(holds, f"{widest:.2f} times the posterior's; all examples in every step {least:.2f}")


def ends(result: Result) -> list[float]:
    """The rates at which the stationary variance is 1.1 times the posterior's: without and with control variates."""
    table = result.tables["excess"]
    good = table[(table["ratio"] <= 1.1) & table["series"].str.startswith("batches")]
    return good.groupby("series", sort=False)["lr"].max().tolist()


def too_wide(result: Result) -> Evidence:
    """The claim that the variance is 1.6 times too large, as predicted, and that control variates allow a rate at least
    eight times as large."""
    plain, controlled = ends(result)
    holds = right(result) and 1.6 < max(ratios(result)) < 1.8 and controlled > 8 * plain
    return Evidence(
        holds, f"{max(ratios(result)):.3f} times; right up to lr = {plain:.3f}, controlled {controlled:.3f}"
    )


NO_SAMPLER = SgldConfig(lr=1.0, batch=5, steps=200)
SCENES = (
    Scene(
        "posterior",
        "Mini-batches and a little noise sample a posterior",
        "SGD with injected noise becomes a sampler: at a small rate its cloud is the exact posterior's.",
        SgldConfig(),
        claim=samples,
        tries=Try("lr", 0.5, "Set the rate to 0.5.", "It stops being one: twice the variance.", wider(1.9, 2.6)),
    ),
    Scene(
        "controlled",
        "Batches of 20 need a smaller rate, or control variates",
        "In batches of 20 at lr = 0.2 the variance is 1.6 times the posterior's: right only below lr = 0.017.",
        SgldConfig(lr=0.2, batch=20, steps=400, chains=2_500),
        claim=too_wide,
        tries=Try(
            "control",
            True,
            "Switch control variates on.",
            "Right again: with them rates up to 0.16 are small enough.",
            wider(1.0, 1.15),
        ),
    ),
    Scene(
        "classes",
        "A posterior without a closed form is sampled, too",
        "Logistic regression: at lr = 0.05 the cloud agrees with the posterior that numerical integration gives.",
        SgldConfig(model="logistic", lr=0.05, batch=40, steps=300),
        claim=samples,
        tries=Try("batch", 2, "Set the batch size to 2.", "Twice the variance or more.", wider(1.9, 4.0)),
    ),
    Scene(
        "no_sampler",
        "A stable run need not be a sampler",
        "At lr = 1 all data together would be stable; batches of 5 give 29 times the posterior's variance.",
        NO_SAMPLER,
        claim=wider(26, 33),
        tries=Try(
            "batch",
            200,
            "Set the batch to 200.",
            "Still 1.8 times: drawn with replacement, batches add noise to long steps; all data give 1.4.",
            batches_add,
        ),
    ),
)
