"""Scenes of the physics-informed network."""

from __future__ import annotations

import numpy as np

from demos.contract import Claim, Evidence, Result, Scene, State, Try
from demos.networks.bench.evidence import rows
from demos.networks.pinn.checks import ERROR
from demos.networks.pinn.config import PinnConfig
from demos.networks.pinn.run import learned


def sound(result: Result) -> bool:
    return all(check.state is not State.DIFFERS for check in result.checks)


def column(result: Result, table: str, series: str, name: str) -> np.ndarray:
    frame = result.tables[table]
    return frame[frame["series"] == series][name].to_numpy()


def drifts(low: float, high: float, ratio: float = 0.0) -> Claim:
    """The claim that with λ fixed the values at the ends are `low` to `high`, root mean square, and that the residual's
    gradient is at least `ratio` times the boundary's at some step."""

    def claim(result: Result) -> Evidence:
        far = float(np.sqrt(column(result, "losses", "boundary, fixed λ", "loss").max()))
        most = float(column(result, "ratios", "fixed λ", "ratio").max())
        return Evidence(sound(result) and low <= far <= high and most >= ratio, f"{far:.3f}, ratio {most:.1f}")

    return claim


def errors(fixed: tuple[float, float], balanced: tuple[float, float]) -> Claim:
    """The claim that both errors are in their ranges."""

    def claim(result: Result) -> Evidence:
        found = [row.measured for row in rows(result, ERROR)]
        holds = all(low <= value <= high for value, (low, high) in zip(found, (fixed, balanced), strict=True))
        return Evidence(sound(result) and holds, f"{found[0]:.4f}, balanced {found[1]:.4f}")

    return claim


def runs_away(result: Result) -> Evidence:
    """The claim that λ exceeds 100,000, and the balanced network has not learned the solution."""
    weight = column(result, "weights", "balanced", "weight").max()
    found = rows(result, ERROR)[1].measured
    return Evidence(sound(result) and weight > 1e5 and found > 0.9, f"λ = {weight:.3g}, error {found:.3f}")


def takes(low: int, high: int | None) -> Claim:
    """The claim that the balanced network has learned the solution between these steps; high None: never."""

    def claim(result: Result) -> Evidence:
        step = learned(column(result, "errors", "balanced", "error"))
        holds = step is None if high is None else step is not None and low <= step <= high
        return Evidence(sound(result) and holds, f"step {step}")

    return claim


SCENES = (
    Scene(
        "drowned",
        "The residual drowns the boundary",
        "With weight λ = 1 for the boundary the ends drift to ±3.7: the residual's gradient is up to 38 times as long.",
        PinnConfig(steps=100),
        drifts(3.6, 3.75, 37),
        Try(
            "weight",
            30.0,
            "Fix λ at 30",
            "The ends stay within 0.13: a good constant does it, too.",
            drifts(0.1, 0.15),
        ),
    ),
    Scene(
        "balanced",
        "Balancing the two losses learns faster",
        "After 400 steps u is 18 % off with λ = 1 and 0.5 % with λ balanced; given time, both arrive.",
        PinnConfig(),
        errors((0.15, 0.2), (0.0, 0.01)),
        Try(
            "steps",
            1_500,
            "Train for 1,500 steps",
            "Both are less than 0.5 % off: λ = 1 was slow, and not lost.",
            errors((0.0, 0.005), (0.0, 0.005)),
        ),
    ),
    Scene(
        "runaway",
        "Balancing can drown the residual",
        "Leave λ out of its own balance: as u(±1) → 0 it passes 100,000, and u stays 0, which the boundary likes best.",
        PinnConfig(rule="unweighted"),
        runs_away,
        Try(
            "rule",
            "weighted",
            "Count λ in the balance",
            "λ comes to rest below 200, and u is 0.5 % off.",
            errors((0.15, 0.2), (0.0, 0.01)),
        ),
    ),
    Scene(
        "late",
        "Higher frequency is learnt later",
        "Balanced, k = 1 is learnt to 10 % within 94 steps, and k = 2 takes 326.",
        PinnConfig(frequency=1),
        takes(80, 110),
        Try("frequency", 3, "Raise k to 3", "400 steps do not suffice: u is still all wrong.", takes(0, None)),
    ),
)
