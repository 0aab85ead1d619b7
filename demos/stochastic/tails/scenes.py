"""Scenes of heavy tails."""

from __future__ import annotations

from demos.contract import Claim, Evidence, Result, Scene, State, Try
from demos.stochastic.bench.evidence import row
from demos.stochastic.tails.config import TailsConfig

HILL, FAR = "tail exponent", "fraction beyond 6"


def exponent(low: float, high: float) -> Claim:
    """The claim that the theoretical exponent is in this range, Hill's estimate agrees with its exact value, and more
    chains are beyond 6 σ than of a Gaussian."""

    def claim(result: Result) -> Evidence:
        hill, far = row(result, HILL), row(result, FAR)
        truth = hill.truth or float("inf")
        holds = low <= truth <= high and hill.meets_prediction and far.agrees and far.measured > 1e-3
        return Evidence(holds, f"α = {truth:.3f}, Hill {hill.measured:.3f}; {far.measured:.2%} beyond 6 σ")

    return claim


def thin(result: Result) -> Evidence:
    """The claim that no chain is beyond 6 standard deviations, and the estimated exponent is large."""
    hill, far = row(result, HILL), row(result, FAR)
    return Evidence(
        hill.state is not State.DIFFERS and hill.measured > 5 and far.measured < 3e-4, f"{hill.measured:.3g}"
    )


SCENES = (
    Scene(
        "power_law",
        "The noise of SGD is not Gaussian",
        "With batches of one at lr = 0.5 the weights have a power-law tail of exponent 2.90: bursts, again and again.",
        TailsConfig(),
        claim=exponent(2.89, 2.92),
        tries=Try("batch", 16, "Set the batch size to 16.", "The tail is gone: nearly a Gaussian.", thin),
    ),
    Scene(
        "no_variance",
        "Stable, and of infinite variance",
        "At lr = 0.8 every chain comes back, and yet the exponent is 1.55: the variance is infinite.",
        TailsConfig(lr=0.8),
        claim=exponent(1.54, 1.56),
        tries=Try(
            "lr", 0.6, "Set the rate to 0.6.", "Below 2/3 the variance is finite: exponent 2.30.", exponent(2.29, 2.31)
        ),
    ),
    Scene(
        "normal",
        "Small steps, large batches: here the noise is Gaussian",
        "At lr = 0.1 with batches of 8 nobody is beyond six standard deviations: here the textbook is right.",
        TailsConfig(lr=0.1, batch=8),
        claim=thin,
        tries=Try("lr", 1.2, "Set the rate to 1.2.", "Heavy again: the exponent is 4.26.", exponent(4.2, 4.3)),
    ),
)
