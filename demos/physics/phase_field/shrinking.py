"""Checks of discs and stars: in L² their area falls at a known rate; in H⁻¹ a drop at rest has a known potential μ."""

from __future__ import annotations

import numpy as np

from demos.contract import Check
from demos.physics.phase_field.config import PhaseFieldConfig
from demos.physics.phase_field.observables import domain_count, radius
from demos.physics.phase_field.reference import circle_rate, drop_potential, semi_implicit_slowdown
from demos.physics.phase_field.simulate import FieldRun
from demos.physics.phase_field.true_motion import late_share

DOMAINS = {"disc": 1, "star": 1, "two_discs": 2}
RESOLVED = 1.0  # least γ at which a wall, √(2γ) points wide, is resolved well enough for isotropic motion
THIN_WALLS = {"disc": 4.0, "star": 4.0, "two_discs": 4.0}  # least radius, in wall widths, for the sharp-wall law
WALL_SHARE = 0.5  # factor of (w/R)² in the relative error of the sharp-wall law
LEAST_DROP = 3.0
SLOPE_FLOOR = 0.015  # relative tolerance of the slope of R² for walls of width √(2γ)
CURVATURE = "Gage & Hamilton 1986; Allen & Cahn 1979: dA/dt = −2πγ for each closed curve"


def squared_radius_slope(config: PhaseFieldConfig, run: FieldRun) -> tuple[float, float, float]:
    """The slope of R² by least squares, and the start and end of the fit.

    The fit starts when the wall has its equilibrium profile (t > 2; for a star a tenth of its life, when its arms are
    rounded) and ends when a domain falls below a quarter of the smallest one's initial area. The slope is nan where
    that window is too short."""
    times, squares, domains = run.frame_times, run.squared_radii, DOMAINS[config.start]
    first = squares[0]
    slow = semi_implicit_slowdown(config.step, config.stabilizer) if config.method == "semi_implicit" else 1.0
    begin = 0.1 * first / (2 * config.gamma) if config.start == "star" else min(2.0, 0.1 * times[-1])
    if slow > 1:  # walls take their shape as much later as the disc shrinks
        begin = min(slow * (begin if config.start == "star" else 2.0), times[-1] / 2)
    smallest = first if domains == 1 else first * 0.12**2 / (0.2**2 + 0.12**2)
    left = smallest + squares - first if domains == 1 else smallest + (squares - first) / domains
    window = (times >= begin) & (left > 0.25 * smallest)
    if window.sum() < 4 or times[-1] < 2 * (begin if slow == 1 else 2.0 * slow):
        return np.nan, 0.0, 0.0
    return float(np.polyfit(times[window], squares[window], 1)[0]), float(times[window][0]), float(times[window][-1])


def curvature_checks(config: PhaseFieldConfig, run: FieldRun, why: str) -> list[Check]:
    """Rows of the slope of R² in L², or of the chemical potential of drops in H⁻¹; both laws hold for thin walls.

    why: the cause of a timing error if another row has shown it.
    """
    domains = DOMAINS.get(config.start)
    if domains is None:
        return []
    if run.field.conserved:
        return _drop_checks(run) if domains == 1 else _pair_checks(run)
    slope, first, last = squared_radius_slope(config, run)
    exact = domains * circle_rate(config.gamma)
    smallest = smallest_radius(config, run)
    reason, predicted = thick_walls(config, run, smallest), None
    if not np.isfinite(slope):
        reason, slope = reason or "the run ends before the walls have taken their shape, or the domain is gone", 0.0
    if config.method == "semi_implicit":
        predicted = exact / semi_implicit_slowdown(config.step, config.stabilizer)
    share = SLOPE_FLOOR if config.start == "disc" else 2 * SLOPE_FLOOR  # arms and small discs are few walls wide
    share += WALL_SHARE * (run.field.width / smallest) ** 2 + (late_share(config) if config.adapts else 0.0)
    return [
        Check(
            "R² falls, a unit of time",
            -slope,
            -exact,
            floor=share * abs(exact if predicted is None else predicted),
            source=CURVATURE,
            predicted=None if predicted is None else -predicted,
            predicted_by="this step",
            explained=why,
            incomparable=reason,
            note=f"from t = {first:.3g} to {last:.3g}; R is at least {smallest / run.field.width:.2g} wall widths",
        )
    ]


def smallest_radius(config: PhaseFieldConfig, run: FieldRun) -> float:
    """The radius of the smallest domain at the start, or of the tip of a star's arm."""
    whole = np.sqrt(max(float(run.squared_radii[0]), 1e-12))
    return whole * {"disc": 1.0, "star": 0.35, "two_discs": 0.12 / np.hypot(0.2, 0.12)}[config.start]


def thick_walls(config: PhaseFieldConfig, run: FieldRun, smallest: float) -> str:
    """Why the law of sharp walls does not hold here; "" where it does."""
    walls, least = smallest / run.field.width, THIN_WALLS[config.start]
    if config.gamma < RESOLVED:
        return f"a wall is {run.field.width:.2g} points wide here: it feels the grid"
    return "" if walls >= least else f"walls are not thin here: R/w = {walls:.2g}, and the law needs {least:g}"


def _drop_checks(run: FieldRun) -> list[Check]:
    """The row of the Gibbs–Thomson potential μ of a drop at rest, that is, with a uniform μ."""
    field = run.field
    potential = field.gradient(run.end) / field.torus.cell
    mean, spread = float(potential.mean()), float(potential.std())
    size = float(radius(run.end, field.torus.spacings[0]))
    exact = drop_potential(field.gamma, size) if size > 0 else 1.0
    walls, reason = size / field.width, ""
    if walls < LEAST_DROP:
        reason = f"walls are not thin here: R/w = {walls:.2g}"
    elif not spread < 0.05 * exact:
        reason = f"not at rest: μ still differs by {spread / exact:.0%} from place to place"
    floor = 2 / max(walls, 1e-9) ** 2 * exact + 0.05 * exact
    return [Check("μ of the drop", mean, exact, floor=floor, source="Gibbs–Thomson: tension/2R", incomparable=reason)]


def _pair_checks(run: FieldRun) -> list[Check]:
    """Rows of two drops: after the smaller one has vanished, μ is that of the other; before, it is not compared."""
    if domain_count(run.frames[-1] > 0) == 1:
        return _drop_checks(run)
    return []
