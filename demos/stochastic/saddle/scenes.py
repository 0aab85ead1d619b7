"""Scenes of the escape from a saddle."""

from __future__ import annotations

from demos.contract import Claim, Evidence, Result, Scene, State, Try
from demos.stochastic.bench.evidence import row
from demos.stochastic.saddle.config import SaddleConfig

GONE, HALF, SPREAD, STUCK = "fraction that has left", "step at which half", "variance along", "gradient descent's"


def half_at(low: float, high: float) -> Claim:
    """The claim that half have escaped between these steps, as predicted, and gradient descent stays on the ridge."""

    def claim(result: Result) -> Evidence:
        half, stuck = row(result, HALF), row(result, STUCK)
        holds = half.agrees and stuck.agrees and low <= half.measured <= high
        return Evidence(holds, f"half by step {half.measured:.1f}, exactly {half.truth:.1f}; GD {stuck.measured:.1e}")

    return claim


def steps_matter(result: Result) -> Evidence:
    """The claim that the variance is about a third of the diffusion limit's: a step multiplies x by 1 + lr λ, not by
    e^{lr λ}."""
    spread = row(result, SPREAD)
    ratio = spread.measured / (spread.truth or 1.0)
    return Evidence(spread.state is State.PREDICTED and 0.28 < ratio < 0.42, f"{ratio:.2f} of the diffusion limit")


def limit_holds(result: Result) -> Evidence:
    spread = row(result, SPREAD)
    ratio = (spread.predicted or 0.0) / (spread.truth or 1.0)
    return Evidence(spread.state is not State.DIFFERS and ratio > 0.8, f"{ratio:.2f} of the diffusion limit")


SCENES = (
    Scene(
        "stuck",
        "Gradient descent is stuck, SGD is gone",
        "From the ridge of a saddle gradient descent comes to rest on it; half of SGD's chains are gone by step 80.",
        SaddleConfig(),
        claim=half_at(77, 84),
        tries=Try(
            "batch", 256, "Set the batch to 256.", "16 times less variance: only 28 steps more.", half_at(105, 113)
        ),
    ),
    Scene(
        "dimensions",
        "A hundred dimensions change nothing",
        "In 100 dimensions, 99 of them uphill, half are gone by the same step 80: one way down is enough.",
        SaddleConfig(dimensions=100, steps=120, chains=400),
        claim=half_at(75, 86),
        tries=Try("dimensions", 2, "Set the dimensions to 2.", "The same step, within its error.", half_at(75, 86)),
    ),
    Scene(
        "coarse",
        "Long steps escape more slowly than the flow says",
        "At lr = 0.5 the variance after 4 steps is a third of the flow's: a step grows by 1 + lr·λ = 1.5, not by 1.65.",
        SaddleConfig(lr=0.5, batch=256, steps=40, chains=4_000),
        claim=steps_matter,
        tries=Try("lr", 0.05, "Set the rate to 0.05.", "The diffusion limit's formula holds.", limit_holds),
    ),
)
