"""Scenes of the edge of stability. Such a descent is chaotic: each claim is a statistic that holds for any seed."""

from __future__ import annotations

from demos.contract import Evidence, Result, Scene, State, Try
from demos.descent.edge.checks import LOSS, MEDIAN, RISES
from demos.descent.edge.config import EdgeConfig
from demos.descent.edge.network import EVERY

NEAR = 0.03  # of the median from 1


def stays(result: Result) -> Evidence:
    """Sharpness × lr/2 begins below 0.8; in the second half it is above 1 and below, and its median is 1, to 3 %; the
    loss in the last quarter is below a third of what it was when the edge was reached."""
    rows = {row.name: row for row in result.verdict.rows}
    level, median, loss = result.tables["edge"]["level"], rows[MEDIAN], rows[LOSS]
    falls = loss.measured <= (loss.truth or 0.0) / 3
    agree = all(row.state is State.AGREES for row in rows.values())
    near, later = abs(median.measured - 1) <= NEAR and bool(level.iloc[0] < 0.8), level.iloc[len(level) // 2 :]
    swings = bool(later.min() < 1 < later.max())
    return Evidence(agree and near and swings and falls, f"median {median.measured:.3f}, loss {loss.measured:.3g}")


def stays_below(result: Result) -> Evidence:
    """Sharpness × lr/2 never reaches 1, and no step raises the loss."""
    rows = {row.name: row for row in result.verdict.rows}
    highest, rises = float(result.tables["edge"]["level"].max()), int(result.tables["edge"]["rises"].sum())
    return Evidence(highest < 1 and rises == 0 and rows[RISES].agrees, f"at most {highest:.3f}, {rises} rises")


def raises(result: Result) -> Evidence:
    """The edge is reached within 600 steps, and from there on at least a hundredth of the steps raise the loss."""
    table = result.tables["edge"]
    reached = table[table["level"] >= 1]
    later = table[table["step"] >= reached["step"].min()]
    share = float(later["rises"].mean()) / EVERY if len(later) else 0.0
    return Evidence(
        bool(share >= 0.01 and reached["step"].min() <= 600), f"{share:.0%} of the later steps raise the loss"
    )


SCENES = (
    Scene(
        "edge",
        "To the edge of stability, and no further",
        "Sharpness × lr/2 rises to 1, where a parabola would be left, and swings about it; still the loss falls.",
        EdgeConfig(),
        stays,
        Try("lr", 0.15, "Lower the rate to 0.15.", "It rises to 1 again: the sharpness is 13, no longer 10.", stays),
        label="Edge",
    ),
    Scene(
        "below",
        "Below the edge every step helps",
        "At lr = 0.1 sharpness × lr/2 stays below 1 for 1,000 steps, and not one of them raises the loss.",
        EdgeConfig(lr=0.1, steps=1_000),
        stays_below,
        Try("lr", 0.2, "Take the rate 0.2.", "It reaches 1 within 600 steps; then some steps raise the loss.", raises),
        label="Below",
    ),
)
