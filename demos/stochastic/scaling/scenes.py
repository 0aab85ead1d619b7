"""Scenes of the linear scaling rule."""

from __future__ import annotations

from demos.contract import Claim, Evidence, Result, Scene, State, Try
from demos.stochastic.bench.evidence import rows
from demos.stochastic.scaling.config import ScalingConfig


def holds_and_breaks(good: int, low: float, high: float) -> Claim:
    """Up to `good` the exact loss is the rule's to a tenth; at the largest batch it is `low` to `high` times it."""

    def claim(result: Result) -> Evidence:
        ends = {int(row.name.split()[-1]): row for row in rows(result, "loss with") if row.name[-1].isdigit()}
        ratio = {size: (row.predicted or 0.0) / (row.truth or 1.0) for size, row in ends.items()}
        right = all(row.state is not State.DIFFERS for row in ends.values())
        near = all(abs(ratio[size] - 1) <= 0.1 for size in ratio if size <= good)
        last = ratio[max(ratio)]
        return Evidence(right and near and low <= last <= high, f"at B = {max(ratio)}: {last:.3f} times the rule's")

    return claim


SCENES = (
    Scene(
        "rule",
        "Same lr/B, same training, up to a limit",
        "Batches of 1 to 8 with lr = 0.02·B train alike, to a tenth; at B = 64 the loss is 2.5 times the rule's.",
        ScalingConfig(),
        claim=holds_and_breaks(8, 2.45, 2.55),
        tries=Try(
            "ratio", 0.03, "Set lr/B to 0.03.", "B = 64 is close to unstable: 20 times.", holds_and_breaks(4, 19, 21)
        ),
    ),
    Scene(
        "small_ratio",
        "Small rates scale far",
        "At lr/B = 0.005 even batches of 32 obey the rule to a tenth; at 256 it is 2.4 times the rule's.",
        ScalingConfig(ratio=0.005, long_steps=12, chains=1_000),
        claim=holds_and_breaks(32, 2.35, 2.45),
        tries=Try(
            "ratio", 0.02, "Set lr/B to 0.02.", "The rule ends at a quarter of the size.", holds_and_breaks(8, 2.4, 2.5)
        ),
    ),
)
