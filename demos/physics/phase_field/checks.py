"""What a run of the phase field must do, beside what it did."""

from __future__ import annotations

from math import pi, sqrt

import numpy as np
import torch

from demos.contract import Check
from demos.gradient_flow import solve
from demos.physics.phase_field.amplification import amplification
from demos.physics.phase_field.config import PhaseFieldConfig
from demos.physics.phase_field.mixture import mixture_checks
from demos.physics.phase_field.model import PhaseField
from demos.physics.phase_field.reference import stripe_profile, wall_tension
from demos.physics.phase_field.shrinking import curvature_checks
from demos.physics.phase_field.simulate import FieldRun

MOST_MISSED = 0.03  # of the fall: the most that the dissipation identity may miss and still be said to hold
AMPLITUDE = 1e-6  # of a wave whose square is below its check's floor


def checks(config: PhaseFieldConfig, run: FieldRun) -> list[Check]:
    """Of one field. Where explicit steps have lost it, the growth that they must have is what still holds."""
    field, found = run.field, []
    if not run.diverged:
        found += curvature_checks(config, run) + mixture_checks(config, run) + wall_checks(config, run)
        found += dissipation_checks(config, run)
        if field.conserved:
            first, last = (float(field.mass(x)) for x in run.path.states[[0, -1], 0:1])
            found.append(Check("mean of c", last, first, floor=1e-13, source="the flow is in divergence form"))
    if not config.adapts:
        found.append(amplification_check(field, config.method, config.step, config.stabilizer))
    return found


def dissipation_checks(config: PhaseFieldConfig, run: FieldRun) -> list[Check]:
    """The identity is promised by steps that choose themselves, a falling energy also by enough stabilizer."""
    falls = {"etdrk2_adaptive": True, "semi_implicit": config.stabilizer >= 1, "etdrk2": config.stabilizer >= 2}
    found = []
    if config.adapts:
        found.append(
            Check(
                "dissipation identity",
                float(run.residual[-1]),
                0.0,
                floor=identity_floor(config, run),
                source="E(0) − E(t) = ∫⟨∇E, M∇E⟩ dt",
                note="the share of the energy that the clock lost",
            )
        )
    if falls.get(config.method, False):
        found.append(Check("steps that raise the energy", run.rises, 0, source="a gradient flow goes downhill"))
    return found


def identity_floor(config: PhaseFieldConfig, run: FieldRun) -> float:
    """How late steps may be and still be right, and what the integral over the first three steps may be off, in which a
    start takes its shape: half of each step times the fall of the rate. Neither is more than `MOST_MISSED`, however
    loose the tolerance: a clock that loses more is wrong."""
    fall = float(run.energies[0] - run.energies[-1])
    first = 0.5 * float((run.step_sizes[:3] * np.abs(np.diff(run.rates[:4]))).sum())
    return min(0.3 * config.lateness, MOST_MISSED) + min(first / max(fall, 1e-300), MOST_MISSED)


def wall_checks(config: PhaseFieldConfig, run: FieldRun) -> list[Check]:
    """Two flat walls: their profile and their tension. floor: what they pull on each other and the grid leaves out,
    both measured on the exact profile, and what the flow still had to lose."""
    if config.start != "stripe":
        return []
    field, profile = run.field, stripe_profile(run.field)
    tension, sampled = (float(field.energy(c)) / (2 * field.length) for c in (run.end, profile[None]))
    exact = wall_tension(field.gamma)
    pull = 4 * np.exp(-field.length / 2 / field.width)
    left = float(run.rates[-1]) * run.times[-1] / (2 * field.length)
    profile_floor = 10 * pull + sqrt(2 * left) + sqrt(abs(sampled - exact)) + 1e-6
    farthest = float((run.end[0] - profile).abs().max())
    return [
        Check("tension of a wall", tension, exact, floor=2 * abs(sampled - exact) + left + 1e-9, source="(2√2/3)√γ"),
        Check("profile, farthest from tanh", farthest, 0.0, floor=profile_floor, source="tanh(x/√(2γ))"),
    ]


def amplification_check(field: PhaseField, method: str, step: float, stabilizer: float = 0.0) -> Check:
    """One step of the solver from a small wave on a phase at rest, beside its exact factor: the finest wave, which
    limits explicit Euler, or for other methods one eight points long."""
    points = torch.arange(field.size, dtype=torch.float64)
    if method == "euler":
        name, mode = "finest wave", (field.size // 2,) * 2
        wave = torch.cos(pi * points)[:, None] * torch.cos(pi * points)
    else:
        name, mode = "a wave of 8 points", (0, field.size // 8)
        wave = torch.cos(pi / 4 * points).expand(field.size, field.size)
    options = {} if method == "euler" else {"stabilizer": stabilizer}
    start = (1 + AMPLITUDE * wave)[None]
    path = solve(field.system().flow(), start, np.array([0.0, step]), method, record=2, **options)
    measured = float(((path.states[-1, 0] - 1) * wave).mean() / wave.square().mean()) / AMPLITUDE
    exact = float(amplification(field, method, step, stabilizer, 1.0)[mode])
    return Check(
        f"{name}, factor of one step",
        measured,
        exact,
        floor=1e-6 * (1 + abs(exact)),
        source="1 − hλ" if method == "euler" else "the method's own factor, in closed form",
        note="a size above 1 is instability",
    )
