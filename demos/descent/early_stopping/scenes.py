"""Scenes of early stopping."""

from __future__ import annotations

from demos.contract import Claim, Evidence, Result, Scene, State, Try
from demos.descent.early_stopping.checks import RIDGE, STOPPED, TIME
from demos.descent.early_stopping.config import EarlyStoppingConfig


def turns(low: float, high: float, time: float = 0.0, loss: float = 1.0) -> Claim:
    """The training loss is lowest at the end, and there at most `loss`; the risk is then `low` to `high` times its
    lowest, which theory expects at `time` to 2 % (0: at any)."""

    def claim(result: Result) -> Evidence:
        table, rows = result.tables["losses"], result.verdict.rows
        training = table[table["series"] == "training loss"]["loss"]
        risk = table[table["series"] == "risk on new examples"]["loss"]
        ratio, end = float(risk.iloc[-1] / risk.min()), float(training.iloc[-1])
        best = next((row.truth or 0.0 for row in rows if row.name == TIME), 0.0)
        right = all(row.state is not State.DIFFERS for row in rows) and (not time or abs(best / time - 1) <= 0.02)
        falls = end == float(training.min()) and end <= loss
        return Evidence(
            right and falls and low <= ratio <= high,
            f"risk at the end {ratio:.2f} times its lowest, at t = {best:.3g}, training loss {end:.3g}",
        )

    return claim


def falls_to_the_end(result: Result) -> Evidence:
    """The risk is lowest at the last moment, and no row speaks of a time to stop."""
    table = result.tables["losses"]
    risk = table[table["series"] == "exact risk"]["loss"].to_numpy()
    names = {row.name for row in result.verdict.rows}
    right = all(row.state is State.AGREES for row in result.verdict.rows)
    return Evidence(right and bool(risk[-1] == risk.min()) and TIME not in names, f"{risk[-1]:.3g}")


def equals_ridge(apart: float, time: float) -> Claim:
    """The risk when stopped in time, at `time` to 2 %, is that of the best ridge penalty, to the share `apart`."""

    def claim(result: Result) -> Evidence:
        rows = {row.name: row for row in result.verdict.rows}
        stopped, ridge, best = rows[STOPPED], rows[RIDGE], rows[TIME].truth or 0.0
        ratio = stopped.measured / ridge.measured
        right = stopped.agrees and ridge.agrees and rows[TIME].agrees and abs(best / time - 1) <= 0.02
        return Evidence(
            right and abs(ratio - 1) <= apart, f"{stopped.measured:.4f} at t = {best:.3g}, {ridge.measured:.4f}"
        )

    return claim


SCENES = (
    Scene(
        "lower_loss",
        "A lower loss is not a better model",
        "The training loss falls to the end; the risk is lowest at t = 24, and five times that at the end.",
        EarlyStoppingConfig(),
        turns(4.5, 6.5, time=24.3),
        Try(
            "noise", 0.05, "Set the noise to 0.05.", "The risk falls to the end: nothing to stop for.", falls_to_the_end
        ),
        label="Lower loss",
    ),
    Scene(
        "as_many",
        "As many weights as examples",
        "40 weights fit 40 noisy examples: the training loss goes to 0.02, and the risk to eight times its lowest.",
        EarlyStoppingConfig(examples=40, decay=0.5),
        turns(7.0, 9.5, loss=0.025),
        Try("examples", 400, "Take 400 examples.", "The risk hardly turns: 6 % above its lowest.", turns(1.0, 1.12)),
        label="As many weights",
    ),
    Scene(
        "ridge",
        "Stopping is a ridge penalty",
        "Stopped at t = 31, or with a ridge penalty of 1/46: the risk is the same, to 4 %.",
        EarlyStoppingConfig(decay=0.5),
        equals_ridge(0.04, 31.0),
        Try(
            "decay",
            0.0,
            "Make all features alike: α = 0.",
            "The best time is 10; the risks agree.",
            equals_ridge(0.05, 10.1),
        ),
        label="Ridge",
    ),
)
