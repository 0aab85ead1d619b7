"""Named presets of phase fields: each teaches one thing in one sentence."""

from __future__ import annotations

from demos.contract import Scene
from demos.physics.phase_field.config import PhaseFieldConfig

SCENES = (
    Scene(
        "spinodal",
        "Spinodal decomposition",
        "Every wave of the mixture grows at its own rate; the fastest sets the pattern, which then coarsens as ∛t.",
        PhaseFieldConfig(),
    ),
    Scene(
        "nucleation",
        "Nucleation",
        "Outside the spinodal small drops dissolve and only large ones grow: a barrier, where a mixture had none.",
        PhaseFieldConfig(start="nucleation", duration=300.0),
    ),
    Scene(
        "two_metrics",
        "One energy, two metrics",
        "The same energy and start: in L² walls vanish and the mean drifts, in H⁻¹ the mass stays, drops must grow.",
        PhaseFieldConfig(metric="both", duration=80.0),
    ),
    Scene(
        "disc",
        "A disc shrinks",
        "In L² a wall moves by its curvature: R² falls at −2γ, on a straight line, until the disc is gone.",
        PhaseFieldConfig(start="disc", metric="L2", gamma=4.0, duration=220.0),
    ),
    Scene(
        "slow_clock",
        "Monotone is not accurate",
        "A large stable step: the energy falls at every step, yet the disc is 3.4 times too slow.",
        PhaseFieldConfig(
            start="disc", metric="L2", method="semi_implicit", step=1.0, stabilizer=2.0, gamma=4.0, duration=220.0
        ),
    ),
    Scene(
        "ripening",
        "Ostwald ripening",
        "In H⁻¹ mass flows from the small drop, where the curvature is higher, to the large one, until it is gone.",
        PhaseFieldConfig(start="two_discs", gamma=8.0, duration=6_000.0),
    ),
)
