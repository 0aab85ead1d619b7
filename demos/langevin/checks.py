"""Measured beside exact, each with its statistical error: the rows under the picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from demos.common import statistics
from demos.contract import Check
from demos.landscapes import Landscape
from demos.langevin.checks_free_energy import free_energy_checks
from demos.langevin.checks_losses import loss_checks
from demos.langevin.comparison import Comparison, splitting_moments_of
from demos.langevin.exact import quadratic
from demos.langevin.reference.acceptance import stationary_acceptance
from demos.langevin.reference.distribution import Distribution
from demos.langevin.settling import is_settled, sharpness
from demos.langevin.setup import Setup
from demos.langevin.simulate import MethodRun

SOLITARY = 30  # with fewer particles their own spread does not estimate their error: the exact distribution's does
MOST_WELLS = 3  # the shares of so many are listed, the largest
HEAVY = 0.1  # a kurtosis above so many times the independent draws: not even four errors would hold the mean
ROUNDING = 1e-6  # single precision, relative
FEWEST = 100  # particles for a mean of squares that is nearly normal


def checks_of(setup: Setup, run: MethodRun, comparison: Comparison | None, brief: bool = False) -> list[Check]:
    """All checks of a run; `brief` of one that is only compared with another: its energy alone."""
    if run.lost:
        return loss_checks(setup, run)
    rows = []
    if comparison is not None:
        energy = [] if brief else free_energy_checks(setup, run, comparison)
        others = bias(setup, run, comparison)
        others += means(setup, run, comparison, only=("⟨U⟩",) if brief else ())
        rows = others + energy if setup.config.start == "equilibrium" else energy + others  # what falls goes first
    return rows + momentum(setup, run) + acceptance(setup, run)


def labelled(check: Check, label: str) -> Check:
    """The check with the label of its run, where several are compared."""
    return replace(check, name=f"{check.name} · {label}") if label else check


@dataclass(frozen=True)
class Estimate:
    """A mean with its standard error."""

    value: float
    error: float


def estimate(values: np.ndarray, spread: float, draws: float = 1.0) -> Estimate:
    """From (F, N): F frames of N independent particles whose exact distribution has the standard deviation `spread`;
    the frames of one particle are worth at least `draws` independent ones.

    The error of many particles comes from their spread, but is never less than if all frames were independent (the
    particles may not have moved yet); that of few comes from the exact distribution.
    """
    frames, particles = values.shape
    if particles < SOLITARY:
        return Estimate(float(values.mean()), spread / np.sqrt(particles * draws))
    value, error = statistics.mean_with_error(values.mean(axis=0))
    return Estimate(value, max(error, spread / np.sqrt(particles * frames)))


def observables(landscape: Landscape) -> dict[str, Callable[[Tensor], Tensor]]:
    """What is compared, by its name: energy, the share in each well, moments of both coordinates."""
    chosen: dict[str, Callable[[Tensor], Tensor]] = {"⟨U⟩": landscape.energy}
    names, labels = landscape.well_names, _Labels(landscape)
    if len(names) > 1:
        for i, name in enumerate(names if len(names) > 2 else names[1:]):
            label = i if len(names) > 2 else 1
            chosen[f"share in {name}"] = lambda x, label=label: (labels(x) == label).to(torch.float64)
    return chosen | {"⟨x⟩": lambda x: x[:, 0], "⟨x²⟩": lambda x: x[:, 0] ** 2, "⟨y²⟩": lambda x: x[:, 1] ** 2}


class _Labels:
    """The wells of points, computed once for all shares of the same points."""

    def __init__(self, landscape: Landscape) -> None:
        self._landscape = landscape
        self._points: Tensor | None = None
        self._labels: Tensor | None = None

    def __call__(self, x: Tensor) -> Tensor:
        if self._labels is None or self._points is not x:
            self._points, self._labels = x, self._landscape.wells(x)
        return self._labels


def means(setup: Setup, run: MethodRun, comparison: Comparison, only: tuple[str, ...] = ()) -> list[Check]:
    """A check of the mean of each observable, except where the exact distribution has too heavy a tail for so many
    particles; the note says how far the step alone moves it from continuous time."""
    distribution, particles = comparison.distribution, setup.config.particles
    frames = run.path.states[comparison.first :]
    flat = frames.reshape(-1, 2).to(torch.float64)
    chosen = {name: f for name, f in observables(setup.landscape).items() if not only or name in only}
    exact = {name: distribution.statistics(function, name) for name, function in chosen.items()}
    wells = sorted((name for name in chosen if name.startswith("share")), key=lambda name: -exact[name][0])
    rows = []
    for name, function in chosen.items():
        mean, spread, kurtosis = exact[name]
        if name in wells[MOST_WELLS:] or kurtosis > HEAVY * particles * comparison.draws:
            continue
        measured = estimate(function(flat).numpy().reshape(len(frames), -1), spread, comparison.draws)
        floor = comparison.floor(function, spread) + ROUNDING * abs(mean)
        if name in wells:
            floor += 0.5 / particles + distribution.border(function, name)
        note = _step_shift(name, function, mean, comparison)
        rows.append(Check(name, measured.value, mean, measured.error, floor, source=distribution.source, note=note))
    return rows


def _step_shift(name: str, function: Callable[[Tensor], Tensor], exact: float, comparison: Comparison) -> str:
    if comparison.continuous is None:
        return ""
    without = comparison.continuous.mean(function, name)
    change = f" ({(exact - without) / abs(without):+.2%})" if abs(without) > 1e-9 else ""
    return f"Without a step size it would be {without:.4g}; the step moves it by {exact - without:+.2g}{change}."


def bias(setup: Setup, run: MethodRun, comparison: Comparison) -> list[Check]:
    """The step's own error against its exact prediction: the variance along each axis of a quadratic over kT/k,
    elsewhere the shift of ⟨U⟩."""
    if comparison.continuous is None:
        return []
    if setup.is_quadratic:
        return _variances(setup, run, comparison)
    return _energy_shift(setup, run, comparison, comparison.continuous)


def _energy_shift(setup: Setup, run: MethodRun, comparison: Comparison, continuous: Distribution) -> list[Check]:
    energy, distribution = setup.landscape.energy, comparison.distribution
    mean, spread, kurtosis = distribution.statistics(energy, "⟨U⟩")
    if not comparison.long_run or kurtosis > HEAVY * setup.config.particles * comparison.draws:
        return []
    states = run.path.states[comparison.first :].to(torch.float64)
    without = continuous.mean(energy, "⟨U⟩")
    measured = estimate(energy(states.reshape(-1, 2)).numpy().reshape(len(states), -1), spread, comparison.draws)
    if abs(mean - without) < measured.error:
        return []
    return [
        Check(
            "step-size bias of ⟨U⟩",
            measured.value - without,
            mean - without,
            measured.error,
            distribution.floor * spread + ROUNDING * abs(mean),
            source=distribution.source,
        )
    ]


def _variances(setup: Setup, run: MethodRun, comparison: Comparison) -> list[Check]:
    config, kT, distribution = setup.config, setup.kT, comparison.distribution
    states = run.path.states[-1].to(torch.float64)
    stiffness, axes = np.linalg.eigh(setup.hessian)
    rows = []
    for k, axis, name in zip(stiffness, torch.from_numpy(axes.T.copy()), ("soft", "stiff"), strict=True):
        centre = distribution.mean(lambda x, axis=axis: x @ axis)
        square = lambda x, axis=axis, centre=centre, k=k: (x @ axis - centre) ** 2 * k / kT
        exact, spread, kurtosis = distribution.statistics(square)
        if kurtosis > HEAVY * config.particles:
            continue
        measured = float(square(states).mean())
        note = ""
        if run.is_overdamped and run.method != "mala":
            z = config.step * k
            note = f"h k = {z:.3g}: in the long run {_long_run_ratio(run.method, z)}."
        floor = ROUNDING * (exact + centre**2 * k / kT)
        error = spread / np.sqrt(config.particles)
        row = f"{name}-axis variance / (kT/k)"
        rows.append(Check(row, measured, exact, error, floor, source=distribution.source, note=note))
    return rows


def _long_run_ratio(method: str, z: float) -> str:
    try:
        return f"{quadratic.variance_ratio(method, z):.4g}"
    except ValueError:
        return "without bound"


def momentum(setup: Setup, run: MethodRun) -> list[Check]:
    """⟨p²⟩/(m kT) a coordinate, of underdamped methods: exact on quadratics, else to the order of the splitting."""
    config, kT, mass = setup.config, setup.kT, setup.config.mass
    if run.path.momenta is None or not setup.is_constant or config.particles < FEWEST:
        return []
    if setup.is_quadratic and config.start in ("point", "cloud", "equilibrium"):
        mean, covariance = splitting_moments_of(setup, run)
        mean, covariance = mean[2:], covariance[2:, 2:]
        exact, floor = (np.trace(covariance) + mean @ mean) / (2 * mass * kT), 0.0
        spread = np.sqrt(2 * np.trace(covariance @ covariance) + 4 * mean @ covariance @ mean) / (2 * mass * kT)
        frames, source = run.path.momenta[-1:], f"closed form for this splitting, {run.path.steps:,} steps"
    elif is_settled(setup, run):
        shift = _momentum_shift(setup, run)
        if shift is None:
            return []
        exact, spread, floor = 1.0, 1.0, shift
        frames = run.path.momenta[len(run.path.momenta) // 2 :]
        source = "equipartition; a splitting moves it by order h²"
    else:
        return []
    squares = frames.to(torch.float64).square().mean(dim=2).numpy() / (mass * kT)
    measured = estimate(squares, float(spread))
    floor = float(floor) + ROUNDING * exact
    return [Check("⟨p²⟩/(m kT)", measured.value, float(exact), measured.error, floor, source=source)]


def _momentum_shift(setup: Setup, run: MethodRun) -> float | None:
    """How far a splitting moves ⟨p²⟩/(m kT) at the sharpest place; None where it is not stable there."""
    h, kT, mass, friction = setup.config.step, setup.kT, setup.config.mass, setup.config.friction
    sharp = sharpness(setup, run)
    try:
        variances = quadratic.splitting_variances(run.method, h, np.sqrt(sharp / mass), friction, kT, mass)
    except ValueError:
        return None
    return max(abs(variances[1] / (mass * kT) - 1), h**2 * sharp / mass / 4)


def acceptance(setup: Setup, run: MethodRun) -> list[Check]:
    """The accepted share of proposals, for a start in equilibrium: against quadrature over the exact distribution."""
    config = setup.config
    if run.path.acceptance is None or config.start != "equilibrium" or not setup.is_constant:
        return []
    if config.particles < SOLITARY:
        return []
    exact, floor = stationary_acceptance(
        setup.landscape, run.method, setup.kT, config.step, config.mass, config.leapfrog_steps
    )
    # proposals of one particle are correlated: count each particle once (an upper bound on the error)
    error = np.sqrt(max(exact * (1 - exact), 1e-6) / config.particles)
    return [
        Check(
            "accepted proposals",
            run.path.acceptance,
            exact,
            float(error),
            floor,
            source="quadrature over the exact law",
            note="0.574 is best for MALA in many dimensions, 0.651 for HMC; in one or two it lies higher.",
        )
    ]
