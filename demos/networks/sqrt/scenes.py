"""Scenes of a root in a loss."""

from __future__ import annotations

from demos.contract import Claim, Evidence, Result, Scene, Try
from demos.networks.bench.evidence import row
from demos.networks.sqrt.config import SqrtConfig
from demos.networks.sqrt.run import LOST, SLOPE


def loses(count: int) -> Claim:
    """The claim that `count` numbers become nan, as the chain rule predicts, and slopes agree with those by hand."""

    def claim(result: Result) -> Evidence:
        lost, slope = row(result, LOST), row(result, SLOPE)
        return Evidence(
            lost.measured == count and lost.meets_prediction and slope.agrees, f"{lost.measured:.0f} lost, {lost.state}"
        )

    return claim


SCENES = (
    Scene(
        "root",
        "A root explodes at 0",
        "The slope of √x is 1/(2√x): 5 × 10⁷ at x = 10⁻¹⁶. At 0 the distance √(w²) asks for 0 · ∞, and that is nan.",
        SqrtConfig(),
        loses(1),
        Try("cure", "epsilon", "Put ε inside.", "Nobody is lost; the loss at 0 is √ε = 0.01.", loses(0)),
    ),
    Scene(
        "mask",
        "A mask that does not help",
        "where(x > 0, √x, 0) hides the value and not the slope: backward still multiplies 0 by ∞.",
        SqrtConfig(cure="where"),
        loses(1),
        Try("cure", "where_twice", "Mask inside as well.", "The root never sees the 0: nobody is lost.", loses(0)),
    ),
)
