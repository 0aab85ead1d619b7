"""Scenes of rescaling."""

from __future__ import annotations

from demos.contract import Claim, Evidence, Result, Scene, Try
from demos.stochastic.bench.evidence import row
from demos.stochastic.rescaling.config import RescalingConfig

SHARP, SAME, FACTOR = "sharpness", "largest difference", "factor of a step"


def sharpness(low: float, high: float) -> Claim:
    """The claim that the outputs are unchanged up to rounding, and the sharpness is in this range, as predicted."""

    def claim(result: Result) -> Evidence:
        sharp, same = row(result, SHARP), row(result, SAME)
        holds = sharp.agrees and same.agrees and low <= sharp.measured <= high
        return Evidence(holds, f"sharpness {sharp.measured:.4g}; outputs differ by {same.measured:.1e}")

    return claim


def leaves(result: Result) -> Evidence:
    """The claim that the distance grows in every step, by the factor of linear stability."""
    factor = row(result, FACTOR)
    return Evidence(
        factor.agrees and 1.88 < factor.measured < 1.92 and len(result.warnings) == 1, f"{factor.measured:.4g}"
    )


def stays(result: Result) -> Evidence:
    factor = row(result, FACTOR)
    return Evidence(factor.agrees and factor.measured < 1 and not result.warnings, f"{factor.measured:.4g}")


SCENES = (
    Scene(
        "same_function",
        "Flatness is not a property of the function",
        "Ten times the first layer, a tenth of the second: the same function, and a minimum 93 times as sharp.",
        RescalingConfig(),
        claim=sharpness(575, 583),
        tries=Try(
            "factor",
            30.0,
            "Set the factor to 30.",
            "Sharpness 5,214, and not one output has changed.",
            sharpness(5_200, 5_230),
        ),
    ),
    Scene(
        "leaves",
        "But gradient descent feels how sharp it is",
        "λ = 145 allows rates below 2/λ = 0.014. At 0.02 each step away grows 1.9-fold; the flat form would hold it.",
        RescalingConfig(factor=5.0, lr=0.02),
        claim=leaves,
        tries=Try("factor", 1.0, "Set the factor to 1.", "The same function, and gradient descent stays.", stays),
    ),
)
