"""Named presets of phase fields: each makes one point, which is computed from its run."""

from __future__ import annotations

import numpy as np

from demos.contract import Result, Scene
from demos.contract.scene import Evidence, Try
from demos.physics.phase_field.config import PhaseFieldConfig


def _row(result: Result, start: str) -> float:
    return next((row.measured for row in result.checks if row.name.startswith(start)), float("nan"))


def _wave(result: Result) -> Evidence:
    """The claim that the mean wave length at first is 10.5, near that of the fastest wave, 8.9."""
    wave = _row(result, "mean wave length")
    return Evidence(f"{wave:.1f}" == "10.5", f"mean wave length {wave:.3g}, the fastest wave 8.89")


def _parts_later(result: Result) -> Evidence:
    wave = _row(result, "mean wave length")
    return Evidence(13.5 < wave < 15.5, f"mean wave length {wave:.3g}; theory for γ = 2 has 12.6")


def _drops(result: Result) -> tuple[np.ndarray, np.ndarray]:
    return result.picture.clock.values, next(o.values for o in result.picture.readouts if o.label.startswith("drops"))


def _dissolve(result: Result) -> Evidence:
    _, drops = _drops(result)
    holds = drops[-1] < 0.8 * drops[0] and drops[-1] >= 1
    return Evidence(bool(holds), f"{drops[0]:.0f} drops at first, {drops[-1]:.0f} in the end")


def _vanish(result: Result) -> Evidence:
    _, drops = _drops(result)
    return Evidence(bool(drops[0] > 0 and drops[-1] == 0), f"{drops[0]:.0f} drops at first, {drops[-1]:.0f} in the end")


def _mass(result: Result) -> Evidence:
    rows = {row.name: row for row in result.checks}
    kept = next(row for name, row in rows.items() if name.startswith("mean of c"))
    energies = [one.values[-1] for one in result.picture.readouts if one.label.startswith("E (")]
    holds = abs(kept.difference) < 1e-12 and energies[0] < energies[1]
    return Evidence(
        holds, f"mean kept to {abs(kept.difference):.0e}; E at the end {energies[0]:.4g}, {energies[1]:.4g}"
    )


def _shrinks(result: Result) -> Evidence:
    fall = _row(result, "R² falls")
    return Evidence(abs(fall - 8) < 0.16, f"R² falls by {fall:.3g} a unit of time")


def _twice(result: Result) -> Evidence:
    fall = _row(result, "R² falls")
    return Evidence(abs(fall - 16) < 0.4, f"R² falls by {fall:.3g} a unit of time")


def _slow(result: Result) -> Evidence:
    fall, rises = _row(result, "R² falls"), _row(result, "steps that raise")
    return Evidence(abs(8 / fall - 3.4) < 0.1 and rises == 0, f"R² falls by {fall:.3g}: {8 / fall:.2f} times too slow")


def _nearly_right(result: Result) -> Evidence:
    fall = _row(result, "R² falls")
    return Evidence(abs(8 / fall - 1.24) < 0.05, f"R² falls by {fall:.3g}: {8 / fall:.2f} times too slow")


def _eaten(result: Result) -> Evidence:
    clock, drops = _drops(result)
    gone = clock[drops <= 1]
    holds = drops[0] == 2 and len(gone) > 0
    return Evidence(bool(holds), f"the small drop is gone at t = {gone[0]:.4g}" if len(gone) else "two drops stay")


SCENES = (
    Scene(
        "spinodal",
        "A mixture parts at one wave length, then coarsens",
        "The wave of length 8.9 grows fastest, so the first pattern is near it, 10.5 on average. Then domains grow.",
        PhaseFieldConfig(),
        claim=_wave,
        tries=Try("gamma", 2.0, "Set γ to 2.", "A coarser first pattern: waves of 15, not 10.5.", _parts_later),
    ),
    Scene(
        "nucleation",
        "Drops below the critical radius dissolve, larger ones grow",
        "Drops from 0.5 to 2.5 R*: below R* they dissolve, above they grow and some merge. Here R* is 2.8.",
        PhaseFieldConfig(start="nucleation", duration=300.0),
        claim=_dissolve,
        tries=Try("metric", "L2", "Choose the metric L².", "There every drop vanishes.", _vanish),
    ),
    Scene(
        "two_metrics",
        "One energy, two metrics, two fates",
        "Same energy, same start. L² (left) loses energy faster and its mean drifts; H⁻¹ (right) keeps the mean.",
        PhaseFieldConfig(metric="both", duration=80.0),
        claim=_mass,
        tries=Try("seed", 1, "Choose the seed 1.", "Another pattern, and the same two fates.", _mass),
    ),
    Scene(
        "disc",
        "A disc shrinks: R² falls on a straight line",
        "In L² a wall moves by its curvature, so R² falls by 2γ = 8 a unit of time, whatever the radius.",
        PhaseFieldConfig(start="disc", metric="L2", gamma=4.0, duration=220.0),
        claim=_shrinks,
        tries=Try("gamma", 8.0, "Set γ to 8.", "R² falls twice as fast, by 16.", _twice),
        label="Shrinking disc",
    ),
    Scene(
        "slow_clock",
        "The energy falls at every step, yet the clock is wrong",
        "Steps of 1 are stable and never raise the energy, yet the disc shrinks 3.4 times too slowly: 2.35, not 8.",
        PhaseFieldConfig(
            start="disc", metric="L2", method="semi_implicit", step=1.0, stabilizer=2.0, gamma=4.0, duration=220.0
        ),
        claim=_slow,
        tries=Try("step", 0.1, "Drag h to 0.1.", "Nearly right: the disc is 1.24 times too slow.", _nearly_right),
    ),
    Scene(
        "ripening",
        "The large drop eats the small one",
        "The small drop has the higher pressure. Its mass flows to the large one until it is gone (Ostwald ripening).",
        PhaseFieldConfig(start="two_discs", gamma=8.0, duration=6_000.0),
        claim=_eaten,
        tries=Try("metric", "L2", "Choose the metric L².", "Both drops shrink by themselves.", _eaten),
    ),
)
