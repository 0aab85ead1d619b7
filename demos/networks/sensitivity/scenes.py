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
        "After training the gradient says little about a unit's worth",
        "Near a minimum the gradient predicts 5 % of what removing a unit costs, on average; the second order sees it.",
        SensitivityConfig(),
        share(0.03, 0.07),
        Try("steps", 20, "Train for 20 steps only", "The gradient still predicts a quarter.", share(0.2, 0.3)),
    ),
    Scene(
        "untrained",
        "Before training the gradient knows what a unit is worth",
        "What the gradient predicts for removing a unit of the last layer is 1.2 times what it costs.",
        SensitivityConfig(steps=0),
        share(1.15, 1.35),
        Try("steps", 400, "Train for 400 steps", "What the gradient predicts falls to 5 %.", share(0.03, 0.07)),
    ),
)
