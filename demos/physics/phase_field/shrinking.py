"""Discs and stars: in L² their area falls at a known rate; in H⁻¹ a drop at rest has a known chemical potential."""

from __future__ import annotations

import numpy as np

from demos.contract import Check
from demos.physics.phase_field.config import PhaseFieldConfig
from demos.physics.phase_field.observables import radius
from demos.physics.phase_field.reference import circle_rate, drop_potential, semi_implicit_slowdown
from demos.physics.phase_field.simulate import FieldRun

DOMAINS = {"disc": 1, "star": 1, "two_discs": 2}
RESOLVED = 1.0  # γ from which a wall, √(2γ) points wide, is fine enough for the grid to be isotropic
SLOPE_FLOOR = 0.015  # of the slope of R²: what a wall √(2γ) wide and the time steps may change
CURVATURE = "Gage & Hamilton 1986; Allen & Cahn 1979: dA/dt = −2πγ for each closed curve"


def squared_radius_slope(config: PhaseFieldConfig, run: FieldRun) -> tuple[float, float, float]:
    """Slope of R² by least squares, and the times between which: after the wall has taken its shape (t > 2; of a star,
    after its arms have, a tenth of its life) and while every domain has a quarter of the smallest one's start. Slope
    nan where that window is too short."""
    times, squares, domains = run.frame_times, run.squared_radii, DOMAINS[config.start]
    first = squares[0]
    begin = 0.1 * first / (2 * config.gamma) if config.start == "star" else min(2.0, 0.1 * times[-1])
    smallest = first if domains == 1 else first * 0.12**2 / (0.2**2 + 0.12**2)
    left = smallest + squares - first if domains == 1 else smallest + (squares - first) / domains
    window = (times >= begin) & (left > 0.25 * smallest)
    if window.sum() < 4 or times[-1] < 2 * begin:
        return np.nan, 0.0, 0.0
    return float(np.polyfit(times[window], squares[window], 1)[0]), float(times[window][0]), float(times[window][-1])


def curvature_checks(config: PhaseFieldConfig, run: FieldRun) -> list[Check]:
    """The slope of R² in L², the chemical potential of a single drop in H⁻¹."""
    domains = DOMAINS.get(config.start)
    if domains is None or config.gamma < RESOLVED:
        return []
    if run.field.conserved:
        return _drop_checks(run) if domains == 1 else []
    slope, _, _ = squared_radius_slope(config, run)
    exact = domains * circle_rate(config.gamma)
    if not np.isfinite(slope):
        return []
    if config.method == "semi_implicit":
        exact /= semi_implicit_slowdown(config.step, config.stabilizer)
        source = "−2γ/(1 + h(S + 0.4)): the step's own, slower clock"
        return [Check("slope of R² for this step", slope, exact, floor=SLOPE_FLOOR * abs(exact), source=source)]
    if config.method == "etdrk2" and (config.stabilizer > 0 or config.step > 0.25):
        return []
    share = SLOPE_FLOOR if config.start == "disc" else 2 * SLOPE_FLOOR  # arms and small discs: a few walls wide
    return [Check("slope of R²", slope, exact, floor=share * abs(exact), source=CURVATURE)]


def _drop_checks(run: FieldRun) -> list[Check]:
    """Where μ is still uneven the drop is not at rest, and nothing is compared."""
    field = run.field
    potential = field.gradient(run.end) / field.torus.cell
    mean, spread = float(potential.mean()), float(potential.std())
    size = float(radius(run.end, field.torus.spacings[0]))
    exact = drop_potential(field.gamma, size)
    if not spread < 0.05 * exact:
        return []
    floor = 2 * (field.width / size) ** 2 * exact + spread
    return [Check("chemical potential of the drop", mean, exact, floor=floor, source="Gibbs–Thomson: tension/2R")]
