"""Notes and warnings of a run of the phase field; a warning says which property the method violated, and how much."""

from __future__ import annotations

from math import sqrt

import numpy as np

from demos.common.numbers import counted
from demos.physics.bench.config import method_label
from demos.physics.phase_field.amplification import stability_limit
from demos.physics.phase_field.checks import identity_floor, past_limit
from demos.physics.phase_field.config import PhaseFieldConfig
from demos.physics.phase_field.reference import circle_rate, fastest_rate, fastest_wave
from demos.physics.phase_field.shrinking import DOMAINS, RESOLVED, SLOPE_FLOOR, squared_radius_slope
from demos.physics.phase_field.simulate import FieldRun


def notes(config: PhaseFieldConfig, run: FieldRun) -> list[str]:
    sizes, found = run.step_sizes, []
    name = f"{run.title}: " if config.metric == "both" else ""
    if not run.diverged and len(sizes):
        taken = f"from {sizes.min():.2g} to {sizes.max():.2g}" if config.adapts else f"of {sizes[0]:.3g}"
        first, last = run.energies[[0, -1]]
        way, balance = "rose", ""
        if last <= first:
            way = "fell"
            balance = f", and the energy balance is off by {abs(float(run.residual[-1])):.2%} of that"
        found.append(
            f"{name}{counted(len(sizes), 'step')} {taken}; the energy {way} from {first:.4g} to {last:.4g}{balance}."
        )
        past = past_limit(config, run)
        if past and not run.rises:
            found.append(
                f"{name}The step is {past:.2g} × the stability limit: rounding errors grow, but cannot be seen yet."
            )
    if config.start == "spinodal":
        found += _mixture_notes(config, run, name)
    if run.diverged:
        found.append(f"{name}Shown are the {counted(len(sizes), 'step')} up to where it was lost.")
    elif np.isfinite(run.rates[-1]) and run.rates[-1] * run.times[-1] < 1e-6 * run.energies[0]:
        found.append(f"{name}It has come to rest: ‖∇E‖ = {sqrt(max(run.rates[-1], 0)):.1e}.")
    return found


def _mixture_notes(config: PhaseFieldConfig, run: FieldRun, name: str) -> list[str]:
    wave = fastest_wave(config.gamma, config.mean)
    if wave is None:
        return [f"{name}A mixture of mean {config.mean:g} lies outside the spinodal, 3m² > 1: small waves die out."]
    if run.field.conserved:
        rate = fastest_rate(run.field, config.mean)
        return [f"{name}The fastest wave is {wave:.3g} long and grows at {rate:.3g}."]
    return []


def warnings(config: PhaseFieldConfig, run: FieldRun) -> list[str]:
    if config.method == "euler":
        return _explicit_warnings(config, run)
    if run.diverged:
        return [f"{method_label(config.method)} {run.diverged}."]
    found = _chosen_step_warnings(config, run) if config.adapts else _fixed_step_warnings(config, run)
    if config.gamma < RESOLVED:
        found.append(
            f"A wall is √(2γ) = {run.field.width:.2g} points wide: less than 1.4 feels the grid, and its motion "
            "is off by some percent."
        )
    return found


def _explicit_warnings(config: PhaseFieldConfig, run: FieldRun) -> list[str]:
    label, limit = method_label(config.method), stability_limit(run.field)
    if run.diverged or (config.step > limit and run.rises):
        return [
            f"{label}{' ' + run.diverged.split(' (')[0] if run.diverged else ''}: the step {config.step:g} is "
            f"{config.step / limit:.2g} × the stability limit 2/L = {limit:.3g} of {run.title}."
        ]
    return [f"{label}: {counted(run.rises, 'step')} raised the energy."] if run.rises else []


def _chosen_step_warnings(config: PhaseFieldConfig, run: FieldRun) -> list[str]:
    missed = abs(float(run.residual[-1]))
    if not missed > identity_floor(config):
        return []
    return [
        f"{run.title}: the energy balance is off by {_share(missed)}: steps at a tolerance of "
        f"{config.tolerance:g} come too late."
    ]


def _fixed_step_warnings(config: PhaseFieldConfig, run: FieldRun) -> list[str]:
    found, missed = [], abs(float(run.residual[-1]))
    if run.rises:
        found.append(
            f"{method_label(config.method)}: {run.rises:,} of {counted(len(run.step_sizes), 'step')} raised the "
            "energy: more "
            "stabilizer S or smaller steps would not."
        )
    if missed > 0.02:
        found.append(
            f"The energy fell at {'every step' if not run.rises else 'most steps'}, yet its balance is "
            f"off by {_share(missed)}: steps of {config.step:g} are too long."
        )
    domains = DOMAINS.get(config.start)
    if domains is not None and not run.field.conserved and config.gamma >= RESOLVED:
        slope, _, _ = squared_radius_slope(config, run)
        exact = domains * circle_rate(config.gamma)
        if np.isfinite(slope) and abs(slope / exact - 1) > SLOPE_FLOOR:
            found.append(
                f"R² falls at {abs(slope):.3g} instead of {abs(exact):.3g} a unit of time: "
                f"{abs(exact / slope):.2g} times too slow, though stable."
            )
    return found


def _share(missed: float) -> str:
    return f"{missed:.1%} of the fall" if missed < 1 else f"{missed:.2g} times the fall"
