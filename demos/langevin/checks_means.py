"""Checks of averages: energy, the fraction in each well, and moments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from demos.common import statistics
from demos.contract import Check
from demos.landscapes import Landscape
from demos.langevin.comparison import Comparison
from demos.langevin.reference.boltzmann import boltzmann
from demos.langevin.reference.distribution import Distribution
from demos.langevin.settling import neglected
from demos.langevin.setup import Setup
from demos.langevin.simulate import MethodRun

MOST_WELLS = 3  # most wells whose fractions are listed: the largest ones
HEAVY = 0.1  # largest kurtosis per independent draw: above it four standard errors are not reliable
FEW, LIGHT = 200, 15.0  # up to FEW particles are compared with wider error bars, if the kurtosis is at most LIGHT
ROUNDING = 2e-6  # relative error of single precision
SEEN = 5  # least number of particles in a well, measured or expected, for a row about it
NECK = -3.0  # upper end of the funnel's neck: one in six particles is below it in equilibrium

ALONG = "mean along the valley"

Function = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Estimate:
    """A mean with its standard error."""

    value: float
    error: float


def estimate(values: np.ndarray, spread: float, draws: float = 1.0) -> Estimate:
    """The mean of values (F, N), F frames of N independent particles, and its standard error.

    spread: the exact standard deviation; draws: the frames of one particle are worth at least so many independent
    draws. The error is estimated from the spread of the particles' means, but limited to the range between those of N·F
    and of N·draws independent draws from the exact distribution: a sample that is too wide must not enlarge its error.
    """
    frames, particles = values.shape
    least, most = spread / np.sqrt(particles * frames), spread / np.sqrt(particles * min(draws, frames))
    if frames == 1 or particles < 30:
        return Estimate(float(values.mean()), float(most))
    value, error = statistics.mean_with_error(values.mean(axis=0))
    return Estimate(value, float(np.clip(error, least, most)))


def observables(landscape: Landscape, one: int = 1) -> dict[str, Function]:
    """The compared observables by name: energy, the fraction in each well, moments of both coordinates. one: of two
    wells, whose fractions add up to one, the well that is listed."""
    chosen: dict[str, Function] = {"mean energy ⟨U⟩": landscape.energy}
    names, labels = landscape.well_names, _Labels(landscape)
    if len(names) > 1:
        for label in range(len(names)) if len(names) > 2 else (one,):
            chosen[fraction_in(names[label])] = lambda x, label=label: (labels(x) == label).to(torch.float64)
    if landscape.name == "funnel":
        chosen["fraction in the neck, y < −3"] = lambda x: (x[:, 1] < NECK).to(torch.float64)
    if len(names) != 2:  # for two wells side by side, the mean of x repeats the fraction
        chosen |= {"mean of x": lambda x: x[:, 0], "mean of x²": lambda x: x[:, 0] ** 2}
    if landscape.name == "harmonic":
        chosen[ALONG] = lambda x: x @ valley(landscape).to(x.dtype)
    return chosen | {"mean of y²": lambda x: x[:, 1] ** 2}


@lru_cache(maxsize=4)
def valley(landscape: Landscape) -> Tensor:
    """The direction (2,) of the softest axis at the origin, towards positive x."""
    hessian = landscape.hessian(torch.zeros((1, 2), dtype=torch.float64))[0]
    axis = torch.linalg.eigh(hessian).eigenvectors[:, 0]
    return axis * torch.sign(axis[0])


def blur(distribution: Distribution) -> float:
    """The error of a position along any axis by single precision: large where the cloud runs away along another one."""
    return ROUNDING * float(np.sqrt(distribution.mean(lambda x: x.square().sum(dim=1))))


def fraction_in(well: str) -> str:
    return f"fraction in well {well}" if len(well) == 1 else f"fraction in the {well} well"


class _Labels:
    """The wells of points, computed once for all fractions of the same points."""

    def __init__(self, landscape: Landscape) -> None:
        self._landscape = landscape
        self._points: Tensor | None = None
        self._labels: Tensor | None = None

    def __call__(self, x: Tensor) -> Tensor:
        if self._labels is None or self._points is not x:
            self._points, self._labels = x, self._landscape.wells(x)
        return self._labels


def means(setup: Setup, run: MethodRun, comparison: Comparison, only: tuple[str, ...] = ()) -> list[Check]:
    """A row for each observable: the true value and, where the step changes it, the prediction for this step. No row
    for an observable whose exact distribution has too heavy a tail for the number of particles."""
    frames = run.path.states[comparison.first :]
    flat = frames.reshape(-1, 2).to(torch.float64)
    seen = observables(setup.landscape, setup.other_well)
    chosen = {name: f for name, f in seen.items() if not only or name in only}
    rows, wells = [], []
    for name, function in chosen.items():
        row = _mean_row(setup, run, comparison, name, function, function(flat).numpy().reshape(len(frames), -1))
        if row is not None:
            (wells if "well" in name else rows).append(row)
    wells.sort(key=lambda row: -max(row.measured, row.truth or 0.0, row.predicted or 0.0))
    if len(wells) > 1 and setup.config.start in ("point", "cloud"):  # the start's well is the least informative: last
        wells = wells[1:MOST_WELLS] + wells[:1] + wells[MOST_WELLS:]
    return rows[:1] + wells[:MOST_WELLS] + rows[1:]


def _mean_row(
    setup: Setup, run: MethodRun, comparison: Comparison, name: str, function: Function, values: np.ndarray
) -> Check | None:
    particles, known = setup.config.particles, comparison.distribution
    truth = spread = None
    floor, predicted, predicted_error, true_error = 0.0, None, 0.0, 0.0
    source, kurtosis = "", 3.0
    exact = comparison.truth
    if exact is not None:
        truth, spread, kurtosis = exact.statistics(function, name)
        source = exact.source
        floor += exact.floor * spread + ROUNDING * abs(truth)
    if comparison.predicted is not None:
        predicted, spread, kurtosis = comparison.predicted.statistics(function, name)
        floor = max(floor, comparison.predicted.floor * spread + ROUNDING * abs(predicted))
        source = source or comparison.predicted.source
    elif comparison.step_error is not None and truth is not None and spread is not None:
        shift, predicted_error = comparison.step_error.shift(function)
        predicted = truth + shift
        floor += abs(shift) * min(1.0, 2 * neglected(setup, run, 1))
    elif comparison.replayed is not None:
        predicted, predicted_error, wide = comparison.replayed.mean(function)
        spread = wide if spread is None or comparison.incomparable else max(spread, min(wide, 2 * spread))
        if wide > spread:  # of few particles: the truth is compared with its own spread, the prediction with its own
            predicted_error = float(np.hypot(predicted_error, np.sqrt((wide**2 - spread**2) / particles)))
        kurtosis = max(kurtosis, _tail(setup, comparison, name, function))
        source = source or "the same moves made again by other code"
    if name == ALONG and known is not None:
        floor += blur(known)
    if comparison.true_cloud is not None:
        truth, true_error, spread = comparison.true_cloud.mean(function)
        source = "the equation with half the step, by other code"
    if spread is None:
        return Check(name, float(values.mean()), None, why=comparison.why)
    sigmas = 4.0
    if "fraction" not in name and kurtosis > HEAVY * particles * comparison.draws:  # fractions are bounded
        if particles > FEW or kurtosis > LIGHT:
            return None
        sigmas += 8 / np.sqrt(particles)  # the mean of few squares is far from normal
    if "fraction" in name:
        jump = known or exact
        floor += 0.5 / particles + (jump.border(function, name) if jump is not None else 0.0)
        expected = max(truth or 0.0, predicted or 0.0)
        seen = float(values.mean())
        if max(expected, seen) * particles < SEEN or (1 - min(truth or predicted or 0.0, seen)) * particles < SEEN:
            return None  # all but a few are there, or elsewhere, as expected
        if expected > 0:  # for a fraction near 0 or 1 the larger spread of both is used
            spread = max(spread, float(np.sqrt(expected * max(1 - expected, 0.0))) if expected < 0.5 else spread)
        spread = max(spread, 1 / np.sqrt(particles))  # at least that of one particle that is there, or elsewhere
    measured = estimate(values, spread, comparison.draws)
    if predicted is not None and not np.isfinite(predicted):
        predicted, predicted_error = None, 0.0
    incomparable, why = comparison.incomparable, comparison.why if truth is None and predicted is None else ""
    if predicted is None and not incomparable and truth is not None and comparison.true_cloud is None:
        incomparable = _step_unknown(setup, run, comparison)
    return Check(
        name,
        measured.value,
        truth,
        float(np.hypot(measured.error, true_error)),
        floor,
        source=source,
        sigmas=sigmas,
        predicted=predicted,
        predicted_error=predicted_error,
        predicted_by="this step",
        incomparable=incomparable,
        why=why,
    )


def _tail(setup: Setup, comparison: Comparison, name: str, function: Function) -> float:
    """The kurtosis of f where no distribution is known: the larger of that of the replayed particles (too small for a
    heavy tail) and that of Boltzmann's distribution at the highest temperature."""
    assert comparison.replayed is not None
    seen = comparison.replayed.kurtosis(function)
    if comparison.truth is not None or not setup.is_confined:
        return seen
    return max(seen, boltzmann(setup.landscape, setup.hottest).statistics(function, name)[2])


def _step_unknown(setup: Setup, run: MethodRun, comparison: Comparison) -> str:
    """The reason why a true value cannot be compared with a run for which the effect of the step is not known."""
    if run.row.proposes and (setup.config.start == "equilibrium" or comparison.long_run):
        return ""
    size = neglected(setup, run, run.row.order.weak or 1)
    if size <= 5e-3:
        return ""
    return f"the error of a step of {setup.config.step:g} is not small here, and how large it is, is not known"
