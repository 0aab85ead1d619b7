"""Checks of a run of the phase field: energy balance, walls, waves, and those of its start."""

from __future__ import annotations

from math import pi, sqrt

import numpy as np
import torch

from demos.contract import Check
from demos.gradient_flow import solve
from demos.physics.bench.flow_checks import IDENTITY, clock_check
from demos.physics.phase_field.amplification import amplification, stability_limit
from demos.physics.phase_field.config import LATENESS, PhaseFieldConfig
from demos.physics.phase_field.drawn_curves import curve_checks
from demos.physics.phase_field.mixture import mixture_checks
from demos.physics.phase_field.model import PhaseField
from demos.physics.phase_field.reference import stripe_profile, wall_tension
from demos.physics.phase_field.shrinking import curvature_checks
from demos.physics.phase_field.simulate import FieldRun
from demos.physics.phase_field.true_motion import as_steps, early_checks, frames_check, late_share

AT_REST = 1e-4  # largest excess energy of a wall at rest, relative to its tension
SMALLEST_STRIPE = 3  # least half width of a stripe in wall widths: closer walls attract each other noticeably
CLOCK_ORDER = 5.0  # replaces `SECOND_ORDER`: the error of the path between two states is of the same order and adds
AMPLITUDE = 1e-6  # of the test wave, so small that its square is below the floor of the check


def checks(config: PhaseFieldConfig, run: FieldRun) -> list[Check]:
    """The rows of one field, the most informative first. Where explicit steps have diverged, none can be compared."""
    field, found = run.field, []
    if run.diverged:
        energy = Check("energy at the end", float(run.energies[-1]), None, why="", incomparable=f"it {run.diverged}")
        found.append(energy)
    else:
        away, repeated = early_checks(config, run)
        why = as_steps(config, repeated)
        own = curvature_checks(config, run, why) + mixture_checks(config, run, why) + wall_checks(config, run)
        own += curve_checks(config, run)
        found += [*own[:1], away, *own[1:], *dissipation_checks(config, run, why), repeated, frames_check(run)]
        if field.conserved:
            first, last = (float(field.mass(x)) for x in run.path.states[[0, -1], 0:1])
            source = "the flow is in divergence form"
            found.append(Check("mean of c", last, first, floor=1e-13, source=source, about="code"))
    if not config.adapts:
        found.append(amplification_check(field, config.method, config.step, config.stabilizer))
    return found


def dissipation_checks(config: PhaseFieldConfig, run: FieldRun, why: str) -> list[Check]:
    """The rows of the energy balance's residual, and of a falling energy where the stabilizer or adaptive steps
    guarantee that.

    why: the cause of a residual, if another row has shown it; else "".
    """
    falls = {
        "etdrk2_adaptive": config.lateness <= LATENESS,
        "semi_implicit": config.stabilizer >= 1,
        "etdrk2": config.stabilizer >= 2,
    }
    fall, size = float(run.energies[0] - run.energies[-1]), abs(float(run.energies[0]))
    still = "" if fall > 1e-6 * size else "the energy hardly fell" if fall > -1e-6 * size else "the energy rose"
    found = [clock_check(float(run.residual[-1]), floor=identity_floor(config), explained=why, incomparable=still)]
    past = past_limit(config, run)
    if falls.get(config.method, False) or past:
        climb = f"as a step of {past:.2g} times the stability limit may climb" if past else ""
        source = "a gradient flow goes downhill"
        found.append(Check("steps that raise the energy", run.rises, 0, source=source, explained=climb))
    return found


def past_limit(config: PhaseFieldConfig, run: FieldRun) -> float:
    """The step of explicit Euler as a multiple of its stability limit, if it is larger; else 0."""
    ratio = config.step / stability_limit(run.field) if config.method == "euler" else 0.0
    return ratio if ratio > 1 else 0.0


def identity_floor(config: PhaseFieldConfig) -> float:
    """The tolerance of the energy balance, as a share of the fall: for adaptive steps the lateness that their tolerance
    allows; for fixed steps only the error of the integral along the path."""
    return IDENTITY + (late_share(config, CLOCK_ORDER) if config.adapts else 0.0)


def wall_checks(config: PhaseFieldConfig, run: FieldRun) -> list[Check]:
    """Rows of two flat walls at rest: profile and tension. Their floor is the attraction of the walls plus the
    discretization error, both computed from the exact profile."""
    if config.start != "stripe":
        return []
    field, profile = run.field, stripe_profile(run.field)
    tension, sampled = (float(field.energy(c)) / (2 * field.length) for c in (run.end, profile[None]))
    exact = wall_tension(field.gamma)
    pull = 4 * np.exp(-field.length / 2 / field.width)
    left = float(run.rates[-1]) * run.times[-1] / (2 * field.length)
    moving = "" if left < AT_REST * exact else f"not at rest: the walls still lose {left / exact:.2g} of their tension"
    if field.length / 4 < SMALLEST_STRIPE * field.width:
        moving = moving or f"walls are not thin here: the stripe is {field.length / 4 / field.width:.2g} walls wide"
    profile_floor = 10 * pull + 2 * sqrt(AT_REST) + sqrt(abs(sampled - exact)) + 1e-6
    farthest = float((run.end[0] - profile).abs().max())
    return [
        Check(
            "tension of a wall",
            tension,
            exact,
            floor=2 * abs(sampled - exact) + 2 * AT_REST * exact,
            source="(2√2/3)√γ",
            incomparable=moving,
        ),
        Check(
            "wall's profile, farthest from tanh",
            farthest,
            0.0,
            floor=profile_floor,
            source="tanh(x/√(2γ))",
            incomparable=moving,
        ),
    ]


def amplification_check(field: PhaseField, method: str, step: float, stabilizer: float = 0.0) -> Check:
    """The row of one step of the solver from a small wave at c = ±1, against its exact factor: for explicit Euler the
    finest wave, which limits its step; for other methods a wave of eight points."""
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
        about="code",
    )
