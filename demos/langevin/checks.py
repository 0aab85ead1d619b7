"""Measured beside exact, each with its statistical error: what stands under the picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from demos.common import statistics
from demos.contract import Check
from demos.landscapes import Landscape
from demos.langevin.acceptance import stationary_acceptance
from demos.langevin.config import LangevinConfig, landscape_of
from demos.langevin.convex import hessian_of
from demos.langevin.exact import quadratic
from demos.langevin.simulate import Run
from demos.langevin.truth import OVERDAMPED, Truth, gaussian_start, sharpness, splitting_moments

SOLITARY = 30  # with fewer particles their own spread does not tell their error: the exact law's does
MOST_WELLS = 3  # the shares of so many are listed, the largest
HEAVY = 0.1  # a kurtosis above so many times the independent draws: not even four errors would hold the mean
ROUNDING = 1e-6  # single precision, relative
FEWEST = 100  # particles for a mean of squares that is nearly normal


@dataclass(frozen=True)
class Estimate:
    """A mean with its standard error."""

    value: float
    error: float


def estimate(values: np.ndarray, spread: float, draws: float = 1.0) -> Estimate:
    """From (F, N): F frames of N independent particles whose exact law has the standard deviation `spread`; the frames
    of one particle are worth at least `draws` independent ones.

    Many particles tell the error by their spread (never less than if all frames were independent: nothing may have
    happened yet); of few, the exact law knows it better.
    """
    frames, particles = values.shape
    if particles < SOLITARY:
        return Estimate(float(values.mean()), spread / np.sqrt(particles * draws))
    value, error = statistics.mean_with_error(values.mean(axis=0))
    return Estimate(value, max(error, spread / np.sqrt(particles * frames)))


def observables(landscape: Landscape) -> dict[str, Callable[[Tensor], Tensor]]:
    """What is compared, by its name: energy, moments of both coordinates, the share in each well."""
    chosen: dict[str, Callable[[Tensor], Tensor]] = {"⟨U⟩": landscape.energy}
    names, labels = landscape.well_names, _Labels(landscape)
    if len(names) > 1:
        for i, name in enumerate(names if len(names) > 2 else names[1:]):
            label = i if len(names) > 2 else 1
            chosen[f"share in {name}"] = lambda x, label=label: (labels(x) == label).to(torch.float64)
    return chosen | {"⟨x⟩": lambda x: x[:, 0], "⟨x²⟩": lambda x: x[:, 0] ** 2, "⟨y²⟩": lambda x: x[:, 1] ** 2}


class _Labels:
    """The wells of points, found once for all shares of the same points."""

    def __init__(self, landscape: Landscape) -> None:
        self._landscape, self._points, self._labels = landscape, None, None

    def __call__(self, x: Tensor) -> Tensor:
        if self._points is not x:
            self._points, self._labels = x, self._landscape.wells(x)
        return self._labels


def comparisons(config: LangevinConfig, run: Run, truth: Truth, only: tuple[str, ...] = ()) -> list[Check]:
    """A check for each observable, but those whose law has too heavy a tail for so many particles; how far the step
    alone moves it from continuous time stands in its note."""
    frames = run.path.states[truth.first :]
    flat = frames.reshape(-1, 2).to(torch.float64)
    chosen = {name: f for name, f in observables(landscape_of(config)).items() if not only or name in only}
    exact = {name: truth.law.statistics(function) for name, function in chosen.items()}
    wells = sorted((name for name in chosen if name.startswith("share")), key=lambda name: -exact[name][0])
    checks = []
    for name, function in chosen.items():
        mean, spread, kurtosis = exact[name]
        if name in wells[MOST_WELLS:] or kurtosis > HEAVY * config.particles * truth.draws:
            continue
        measured = estimate(function(flat).numpy().reshape(len(frames), -1), spread, truth.draws)
        floor = truth.floor(function, spread) + ROUNDING * abs(mean)
        if name.startswith("share"):
            floor += 0.5 / config.particles + truth.law.border(function)
        checks.append(
            Check(
                name,
                measured.value,
                mean,
                measured.error,
                floor,
                source=truth.law.source,
                note=_shift(function, mean, truth),
            )
        )
    return checks


def _shift(function: Callable[[Tensor], Tensor], exact: float, truth: Truth) -> str:
    if truth.continuous is None:
        return ""
    without = truth.continuous.mean(function)
    change = f" ({(exact - without) / abs(without):+.2%})" if abs(without) > 1e-9 else ""
    return f"Without a step size it would be {without:.4g}; the step moves it by {exact - without:+.2g}{change}."


def bias(config: LangevinConfig, run: Run, truth: Truth) -> list[Check]:
    """The step's own error, against its exact prediction: the variance along each axis of a quadratic over kT/k,
    elsewhere the shift of ⟨U⟩."""
    landscape = landscape_of(config)
    if truth.continuous is None:
        return []
    states = run.path.states[truth.first :].to(torch.float64)
    if landscape.name != "harmonic":
        mean, spread, kurtosis = truth.law.statistics(landscape.energy)
        if not truth.long_run or kurtosis > HEAVY * config.particles * truth.draws:
            return []
        without = truth.continuous.mean(landscape.energy)
        values = landscape.energy(states.reshape(-1, 2)).numpy().reshape(len(states), -1)
        measured = estimate(values, spread, truth.draws)
        if abs(mean - without) < measured.error:
            return []
        return [
            Check(
                "step-size bias of ⟨U⟩",
                measured.value - without,
                mean - without,
                measured.error,
                truth.law.floor * spread + ROUNDING * abs(mean),
                source=truth.law.source,
            )
        ]
    stiffness, axes = np.linalg.eigh(hessian_of(config))
    checks = []
    for k, axis, name in zip(stiffness, torch.from_numpy(axes.T.copy()), ("soft", "stiff"), strict=True):
        centre = truth.law.mean(lambda x, axis=axis: x @ axis)
        square = lambda x, axis=axis, centre=centre, k=k: (x @ axis - centre) ** 2 * k / config.temperature
        exact, spread, kurtosis = truth.law.statistics(square)
        if kurtosis > HEAVY * config.particles:
            continue
        measured = float(square(states[-1]).mean())
        note = ""
        if run.method in OVERDAMPED and run.method != "mala":
            z = config.step * k
            note = f"h k = {z:.3g}: in the long run {_ratio(run.method, z)}."
        floor = ROUNDING * (exact + centre**2 * k / config.temperature)
        error = spread / np.sqrt(config.particles)
        checks.append(
            Check(f"{name}-axis variance / (kT/k)", measured, exact, error, floor, source=truth.law.source, note=note)
        )
    return checks


def _ratio(method: str, z: float) -> str:
    try:
        return f"{quadratic.variance_ratio(method, z):.4g}"
    except ValueError:
        return "without bound"


def momentum(config: LangevinConfig, run: Run, settled: bool) -> list[Check]:
    """⟨p²⟩/(m kT) a coordinate, of underdamped methods: exact on quadratics, else to the order of the splitting."""
    if run.path.momenta is None or config.schedule != "constant" or config.particles < FEWEST:
        return []
    landscape, mass, kT = landscape_of(config), config.mass, config.temperature
    if landscape.name == "harmonic" and config.start in ("point", "cloud", "equilibrium"):
        hessian = hessian_of(config)
        place, start = gaussian_start(config, hessian)
        mean, covariance = splitting_moments(config, run, hessian, place, start)
        mean, covariance = mean[2:], covariance[2:, 2:]
        exact, floor = (np.trace(covariance) + mean @ mean) / (2 * mass * kT), 0.0
        spread = np.sqrt(2 * np.trace(covariance @ covariance) + 4 * mean @ covariance @ mean) / (2 * mass * kT)
        frames, source = run.path.momenta[-1:], f"closed form for this splitting, {run.path.steps:,} steps"
    elif settled:
        sharp = sharpness(config, run, landscape)
        try:
            moved = (
                quadratic.splitting_variances(
                    run.method, config.step, np.sqrt(sharp / mass), config.friction, kT, mass
                )[1]
                / (mass * kT)
                - 1
            )
        except ValueError:  # not stable at the sharpest place
            return []
        exact, spread, floor = 1.0, 1.0, max(abs(moved), config.step**2 * sharp / mass / 4)
        frames = run.path.momenta[len(run.path.momenta) // 2 :]
        source = "equipartition; a splitting moves it by order h²"
    else:
        return []
    squares = frames.to(torch.float64).square().mean(dim=2).numpy() / (mass * kT)
    measured = estimate(squares, float(spread))
    return [
        Check(
            "⟨p²⟩/(m kT)", measured.value, float(exact), measured.error, float(floor) + ROUNDING * exact, source=source
        )
    ]


def acceptance(config: LangevinConfig, run: Run) -> list[Check]:
    """The accepted share of proposals, for a start in equilibrium: against quadrature over the exact law."""
    if run.path.acceptance is None or config.start != "equilibrium" or config.schedule != "constant":
        return []
    if config.particles < SOLITARY:
        return []
    exact, floor = stationary_acceptance(config, run.method)
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
