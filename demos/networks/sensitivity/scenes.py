"""Scenes of sensitivity and importance."""

from __future__ import annotations

from demos.contract import Claim, Evidence, Result, Scene, State, Try
from demos.networks.bench.evidence import row
from demos.networks.sensitivity.checks import PARABOLA
from demos.networks.sensitivity.config import SensitivityConfig


def share(low: float, high: float) -> Claim:
    """The claim that in the last hidden layer the mean size of the first-order prediction is `low` to `high` times the
    mean size of the measured cost, the second order is exact, and all rows agree."""

    def claim(result: Result) -> Evidence:
        units = result.tables["units"]
        means = units[units["series"] == "layer 2"][["removed", "first"]].abs().mean()
        holds = row(result, PARABOLA).agrees and all(check.state is State.AGREES for check in result.checks)
        holds = holds and low <= means["first"] / means["removed"] <= high
        return Evidence(holds, f"{means['first']:.4g} of {means['removed']:.4g}")

    return claim


SCENES = (
    Scene(
        "trained",
        "A trained network's gradient knows little",
        "Near a minimum θ·g is 5 % of what taking a unit out costs, in the mean of sizes. The second order sees it.",
        SensitivityConfig(),
        share(0.03, 0.07),
        Try("steps", 20, "Train for 20 steps only", "The gradient still predicts a quarter.", share(0.2, 0.3)),
    ),
    Scene(
        "untrained",
        "Before training",
        "Taking out a unit of the last layer changes the loss, and the gradient knows it: it says 1.2 times as much.",
        SensitivityConfig(steps=0),
        share(1.15, 1.35),
        Try("steps", 400, "Train for 400 steps", "What the gradient predicts falls to 5 %.", share(0.03, 0.07)),
    ),
)
