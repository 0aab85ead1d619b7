"""What a run of the phase field must do, beside what it did: checks, notes and warnings."""

from __future__ import annotations

from math import pi, sqrt

import numpy as np
import torch

from demos.contract import Check
from demos.physics.config import METHOD_LABELS, EnergyConfig
from demos.physics.phase_field.one_wave import factors, stability_limit, wave_check
from demos.physics.phase_field.reference import (
    circle_rate,
    domain_length,
    fitted_power,
    growth_rate,
    radius,
    wall_tension,
)
from demos.physics.phase_field.run import RESOLVED, Part, motion

DOMAINS = {"disc": 1, "star": 1, "two_discs": 2}
CURVATURE = "Gage & Hamilton 1986; Allen & Cahn 1979: dA/dt = −2πγ for each closed curve"
COARSENING = "Kohn & Otto 2002: no mixture coarsens faster than t^(1/3) in the mean"
GROWTH = "Cahn, Acta Metall. 9 (1961) 795"
LAW = 0.015  # of the slope of R²: what a wall √(2γ) wide and the time steps may change
BOOKS = 0.03  # of the fall: the most that the dissipation identity may miss and still be said to hold
LINEAR = 0.02  # variance up to which a mixture is still close to its linear theory
WALL_DELAY = 0.4  # γ∫c″²/∫c′² of a wall tanh(x/√(2γ))


def slow_clock(config: EnergyConfig) -> float:
    """By how much semi-implicit steps slow a wall: (1 + hS − hγΔ) c_t = −∇E, projected on the wall's own shift, is the
    true flow with its clock divided by 1 + h(S + 0.4); exact for steps in which a wall moves by less than its width."""
    return 1 + config.step * (config.stabilizer + WALL_DELAY)


def slope_of(config: EnergyConfig, part: Part) -> tuple[float, float, float]:
    """Slope of R² by least squares, and the times between which: after the wall has taken its shape (t > 2; of a star,
    after its arms have, a tenth of its life) and while every domain has a quarter of the smallest one's start."""
    times, all_squares, domains = part.run.frame_times, part.squares, DOMAINS[config.start]
    first = all_squares[0]
    begin = 0.1 * first / (2 * config.gamma) if config.start == "star" else min(2.0, 0.1 * times[-1])
    smallest = first if domains == 1 else first * 0.12**2 / (0.2**2 + 0.12**2)
    left = smallest + all_squares - first if domains == 1 else smallest + (all_squares - first) / domains
    late = (times >= begin) & (left > 0.25 * smallest)
    if late.sum() < 4 or times[-1] < 2 * begin:
        return np.nan, 0.0, 0.0
    return float(np.polyfit(times[late], all_squares[late], 1)[0]), float(times[late][0]), float(times[late][-1])


def checks(config: EnergyConfig, part: Part) -> list[Check]:
    """Of one field. Where explicit steps have lost it, the growth that they must have is what still holds."""
    field, run = part.field, part.run
    fixed = config.method != "etdrk2_adaptive"
    found: list[Check] = []
    if not part.lost:
        found += _curvature(config, part) + _mixture(config, part) + _wall(config, part) + _books(config, part)
        if field.conserved:
            first, last = (float(field.mass(x)) for x in run.path.states[[0, -1], 0:1])
            found.append(Check("mean of c", last, first, floor=1e-13, source="the flow is in divergence form"))
    if fixed:
        found.append(wave_check(field, config.method, config.step, config.stabilizer))
    return found


def _books(config: EnergyConfig, part: Part) -> list[Check]:
    """The identity is promised by steps that choose themselves, a falling energy also by enough stabilizer."""
    promised = {"etdrk2_adaptive": True, "semi_implicit": config.stabilizer >= 1, "etdrk2": config.stabilizer >= 2}
    found = []
    if config.method == "etdrk2_adaptive":
        found.append(
            Check(
                "dissipation identity",
                float(part.run.residual[-1]),
                0.0,
                floor=_book_floor(config, part),
                source="E(0) − E(t) = ∫⟨∇E, M∇E⟩ dt",
                note="the share of the energy that the clock lost",
            )
        )
    if promised.get(config.method, False):
        found.append(Check("steps that raise the energy", rises(part), 0, source="a gradient flow goes downhill"))
    return found


def _book_floor(config: EnergyConfig, part: Part) -> float:
    """How late steps may be and still be right, and what the integral over the first three steps may be off, in which a
    start takes its shape: half of each step times the fall of the rate. Neither is more than `BOOKS`, however loose the
    tolerance: a clock that loses more is wrong."""
    run = part.run
    fallen = float(run.energies[0] - run.energies[-1])
    first = 0.5 * float((run.steps[:3] * np.abs(np.diff(run.rates[:4]))).sum())
    return min(0.3 * motion(config), BOOKS) + min(first / max(fallen, 1e-300), BOOKS)


def rises(part: Part) -> int:
    energies = part.run.energies
    return int((np.diff(energies) > 1e-10 * np.abs(energies[:-1]) + 1e-12 * energies[0]).sum())


def _curvature(config: EnergyConfig, part: Part) -> list[Check]:
    """R² in L²; in H⁻¹ a drop at rest has the chemical potential of Gibbs and Thomson."""
    domains = DOMAINS.get(config.start)
    if domains is None or config.gamma < RESOLVED:
        return []
    if part.field.conserved:
        return _gibbs_thomson(part) if domains == 1 else []
    slope, _, _ = slope_of(config, part)
    exact = domains * circle_rate(config.gamma)
    if not np.isfinite(slope):
        return []
    if config.method == "semi_implicit":
        exact /= slow_clock(config)
        return [
            Check(
                "slope of R² for this step",
                slope,
                exact,
                floor=LAW * abs(exact),
                source="−2γ/(1 + h(S + 0.4)): the step's own, slower clock",
            )
        ]
    if config.method == "etdrk2" and (config.stabilizer > 0 or config.step > 0.25):
        return []
    share = LAW if config.start == "disc" else 2 * LAW  # arms and small discs are but a few walls wide
    return [Check("slope of R²", slope, exact, floor=share * abs(exact), source=CURVATURE)]


def _gibbs_thomson(part: Part) -> list[Check]:
    """μ = tension/2R, up to the square of the wall over the radius; where μ is still uneven the drop is not at rest."""
    c = part.end
    potential = part.field.gradient(c) / part.field.torus.cell
    mean, spread = float(potential.mean()), float(potential.std())
    size = float(radius(c, part.field.torus.spacings[0]))
    exact = wall_tension(part.field.gamma) / (2 * size)
    if not spread < 0.05 * exact:
        return []
    floor = 2 * (part.field.width / size) ** 2 * exact + spread
    return [Check("chemical potential of the drop", mean, exact, floor=floor, source="Gibbs–Thomson: tension/2R")]


def linear_frame(part: Part, mean: float) -> int | None:
    """The frame at which the fastest wave has grown by e, if the mixture is still close to linear then."""
    best = fastest(part, mean)
    if best <= 0 or 2 / best > part.run.frame_times[-1]:
        return None
    frame = int(np.abs(part.run.frame_times - 1 / best).argmin())
    variance = float((part.state(frame) - mean).square().mean())
    return frame if frame > 0 and variance < LINEAR else None


def fastest(part: Part, mean: float) -> float:
    return float(growth_rate(part.field, part.field.torus.minus_laplacian(), mean).max())


def _mixture(config: EnergyConfig, part: Part) -> list[Check]:
    """Every wave of a mixture grows at its own rate at first; walls coarsen by a power in the end."""
    if config.start != "spinodal":
        return []
    field, found = part.field, []
    frame = linear_frame(part, config.mean)
    if frame is not None:
        found += _growth(config, part, frame)
    window = coarsening_window(config, part)
    if window is not None:
        exponent = fitted_power(part.run.times, part.run.energies, *window).exponent
        domains = (field.length / part.lengths[1][-1]) ** 2
        doubt = 0.25 / sqrt(domains) / np.log(window[1] / window[0])
        found.append(
            Check(
                "pace of coarsening, −d ln E/d ln t",
                -exponent,
                1 / 3,
                uncertainty=float(doubt),
                bound=True,
                source=COARSENING,
                note="an upper bound; the error bar is that of few domains",
            )
        )
    return found


def coarsening_window(config: EnergyConfig, part: Part) -> tuple[float, float] | None:
    """From when to when E ~ t^(−1/3) is fitted: past the first walls, and while seven domains fit along a side."""
    field, end = part.field, float(part.run.frame_times[-1])
    first = max(50 * config.gamma, end / 10)
    if not field.conserved or abs(config.mean) > 0.2 or config.method != "etdrk2_adaptive" or end < 3 * first:
        return None
    return (first, end) if field.length > 7 * part.lengths[1][-1] else None


def _growth(config: EnergyConfig, part: Part, frame: int) -> list[Check]:
    """Mean wave length and growth rate at t = 1/σ, beside every wave of this start grown at its own rate.

    floor: the cubic term, which linear theory leaves out, changes each rate by 3⟨c²⟩ k² (by 3⟨c²⟩ in L²), and steps
    that choose themselves may be late.
    """
    field, time = part.field, float(part.run.frame_times[frame])
    rate = growth_rate(field, field.torus.minus_laplacian(), config.mean)
    grown = torch.exp(rate * time)
    if config.method != "etdrk2_adaptive":
        factor = factors(field, config.method, config.step, config.stabilizer, config.mean).abs()
        grown = factor ** round(time / config.step)
    transform = field.torus.real
    start = transform.forward(part.start - config.mean)
    linear = transform.backward(start * grown)
    now = part.state(frame) - config.mean
    variance = max(float((part.start - config.mean).square().mean()), float(now.square().mean()))
    best = field.torus.minus_laplacian().flatten()[rate.argmax()]
    bend = (
        3 * variance * (float(best) if field.conserved else 1.0)
        + float(3 * abs(config.mean) * sqrt(variance)) * (float(best) if field.conserved else 1.0) * 0.5
    )
    exact = float(domain_length(linear, field))
    found = [
        Check(
            f"mean wave length at t = {time:.3g}",
            float(domain_length(now, field)),
            exact,
            floor=exact * bend * time,
            source=GROWTH,
            note="each wave of this start grown at its own rate",
        )
    ]
    band = rate > 0.9 * rate.max()
    band[0, 0] = False
    if field.conserved and int(band.sum()) > 20:
        measured = float((transform.forward(now)[0].abs() / start[0].abs())[band].log().mean()) / time
        exact = float(grown[band].log().mean()) / time
        late = min(2 * motion(config) ** 2, BOOKS) * abs(exact) if config.method == "etdrk2_adaptive" else 0.0
        found.append(Check("growth rate of the fastest waves", measured, exact, floor=bend + late, source=GROWTH))
    return found


def _wall(config: EnergyConfig, part: Part) -> list[Check]:
    """Two flat walls: their profile and their tension. floor: what they pull on each other and the grid leaves out,
    both measured on the exact profile, and what the flow still had to lose."""
    if config.start != "stripe":
        return []
    field, run = part.field, part.run
    c = part.end
    exact = wall_profile(part)
    shift = float((c[0] - exact).abs().max())
    far = 4 * np.exp(-field.length / 2 / field.width)
    tension = float(field.energy(c)) / (2 * field.length)
    sampled = float(field.energy(exact[None])) / (2 * field.length)
    truth = wall_tension(field.gamma)
    left = float(run.rates[-1]) * run.times[-1] / (2 * field.length)
    return [
        Check("tension of a wall", tension, truth, floor=2 * abs(sampled - truth) + left + 1e-9, source="(2√2/3)√γ"),
        Check(
            "profile, farthest from tanh",
            shift,
            0.0,
            floor=10 * far + sqrt(2 * left) + sqrt(abs(sampled - truth)) + 1e-6,
            source="tanh(x/√(2γ))",
        ),
    ]


def wall_profile(part: Part) -> torch.Tensor:
    """(n, n) the two flat walls, exactly"""
    field = part.field
    x = field.torus.coordinates()[1]
    return torch.tanh((field.length / 4 - x.abs()) / field.width).expand(field.size, field.size)


def warnings(config: EnergyConfig, part: Part) -> list[str]:
    """What the method broke, and by how much."""
    field, run, label, found = part.field, part.run, METHOD_LABELS[config.method], []
    if config.method == "euler":
        limit = stability_limit(field)
        if part.lost or config.step > limit:
            found.append(
                f"{label}{' ' + part.lost.split(' (')[0] if part.lost else ''}: the step {config.step:g} is "
                f"{config.step / limit:.2g} × the stability limit 2/L = {limit:.3g} of {part.title}."
            )
        elif rises(part):
            found.append(f"{label}: {rises(part):,} steps raised the energy.")
        return found
    if part.lost:
        return [f"{label} {part.lost}."]
    missed = abs(float(run.residual[-1]))
    if config.method == "etdrk2_adaptive" and missed > _book_floor(config, part):
        found.append(
            f"{part.title}: the dissipation identity misses {_share(missed)}: steps at a tolerance of "
            f"{config.tolerance:g} are too late for this clock."
        )
    if config.method != "etdrk2_adaptive":
        if rises(part):
            found.append(
                f"{label}: {rises(part):,} of {len(run.steps):,} steps raised the energy: more stabilizer S "
                "or smaller steps would not."
            )
        if missed > 0.02:
            found.append(
                f"The energy fell at {'every step' if not rises(part) else 'most steps'}, yet the dissipation "
                f"identity misses {_share(missed)}: steps of {config.step:g} are too long for this clock."
            )
        domains = DOMAINS.get(config.start)
        if domains is not None and not field.conserved and config.gamma >= RESOLVED:
            slope, _, _ = slope_of(config, part)
            exact = domains * circle_rate(config.gamma)
            if np.isfinite(slope) and abs(slope / exact - 1) > LAW:
                found.append(
                    f"R² falls at {abs(slope):.3g} instead of {abs(exact):.3g} a unit of time: "
                    f"{abs(exact / slope):.2g} times too slow, though stable."
                )
    if config.gamma < RESOLVED:
        found.append(
            f"A wall is √(2γ) = {field.width:.2g} points wide: less than 1.4 feels the grid, and its motion "
            "is off by some percent."
        )
    return found


def _share(missed: float) -> str:
    return f"{missed:.1%} of the fall" if missed < 1 else f"{missed:.2g} times the fall"


def notes(config: EnergyConfig, part: Part) -> list[str]:
    run, steps, found = part.run, part.run.steps, []
    name = f"{part.title}: " if config.metric == "both" else ""
    if not part.lost and len(steps):
        adapts = config.method == "etdrk2_adaptive"
        sizes = f"from {steps.min():.2g} to {steps.max():.2g}" if adapts else f"of {steps[0]:.3g}"
        found.append(
            f"{name}{len(steps):,} steps {sizes}; the energy fell from {run.energies[0]:.4g} to "
            f"{run.energies[-1]:.4g}, and the identity misses {abs(float(run.residual[-1])):.2%} of that."
        )
    if config.start == "spinodal":
        found += _mixture_notes(config, part, name)
    if part.lost:
        found.append(f"{name}Shown are the {len(steps):,} steps up to where it was lost.")
    elif np.isfinite(run.rates[-1]) and run.rates[-1] * run.times[-1] < 1e-6 * run.energies[0]:
        found.append(f"{name}It has come to rest: ‖∇E‖ = {sqrt(max(run.rates[-1], 0)):.1e}.")
    return found


def _mixture_notes(config: EnergyConfig, part: Part, name: str) -> list[str]:
    slack = 1 - 3 * config.mean**2
    if slack <= 0:
        return [f"{name}A mixture of mean {config.mean:g} lies outside the spinodal, 3m² > 1: small waves die out."]
    if part.field.conserved:
        wave = 2 * pi * sqrt(2 * config.gamma / slack)
        return [f"{name}The fastest wave is {wave:.3g} long and grows at {fastest(part, config.mean):.3g}."]
    return []
