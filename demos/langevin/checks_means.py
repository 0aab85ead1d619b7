"""Averages of the picture: energy, the fraction in each well, and moments."""

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
from demos.langevin.settling import neglected
from demos.langevin.setup import Setup
from demos.langevin.simulate import MethodRun

MOST_WELLS = 3  # the fractions of so many are listed, the largest
HEAVY = 0.1  # a kurtosis above so many times the independent draws: not even four errors would hold the mean
FEW, LIGHT = 200, 15.0  # so few particles are compared with wider bars, where the kurtosis is no larger
ROUNDING = 2e-6  # single precision, relative
SEEN = 5  # particles in a well, measured or expected: a row about fewer says nothing
NECK = -3.0  # of the funnel: below it, one in six belongs

ALONG = "mean along the valley"

Function = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Estimate:
    """A mean with its standard error."""

    value: float
    error: float


def estimate(values: np.ndarray, spread: float, draws: float = 1.0) -> Estimate:
    """From (F, N): F frames of N independent particles whose exact distribution has the standard deviation `spread`;
    the frames of one particle are worth at least `draws` independent ones.

    The error is that of the exact distribution: at least of N·F independent draws, at most of N·draws. Between them it
    comes from the spread of the particles' own means. A sample that is too wide does not widen its own error.
    """
    frames, particles = values.shape
    least, most = spread / np.sqrt(particles * frames), spread / np.sqrt(particles * min(draws, frames))
    if frames == 1 or particles < 30:
        return Estimate(float(values.mean()), float(most))
    value, error = statistics.mean_with_error(values.mean(axis=0))
    return Estimate(value, float(np.clip(error, least, most)))


def observables(landscape: Landscape) -> dict[str, Function]:
    """What is compared, by its name: energy, the fraction in each well, moments of both coordinates."""
    chosen: dict[str, Function] = {"mean energy ⟨U⟩": landscape.energy}
    names, labels = landscape.well_names, _Labels(landscape)
    if len(names) > 1:
        for i, name in enumerate(names if len(names) > 2 else names[1:]):
            label = i if len(names) > 2 else 1
            chosen[fraction_in(name)] = lambda x, label=label: (labels(x) == label).to(torch.float64)
    if landscape.name == "funnel":
        chosen["fraction in the neck, y < −3"] = lambda x: (x[:, 1] < NECK).to(torch.float64)
    if len(names) != 2:  # of two wells side by side, the fraction says it already
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
    """A row for each observable: the truth and, where the step moves it, what this step gives. No row for one whose
    exact distribution has too heavy a tail for so many particles."""
    frames = run.path.states[comparison.first :]
    flat = frames.reshape(-1, 2).to(torch.float64)
    chosen = {name: f for name, f in observables(setup.landscape).items() if not only or name in only}
    rows, wells = [], []
    for name, function in chosen.items():
        row = _mean_row(setup, run, comparison, name, function, function(flat).numpy().reshape(len(frames), -1))
        if row is not None:
            (wells if "well" in name else rows).append(row)
    wells.sort(key=lambda row: -max(row.measured, row.truth or 0.0, row.predicted or 0.0))
    if len(wells) > 1 and setup.config.start in ("point", "cloud"):  # the well of the start says least: others first
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
        kurtosis = max(kurtosis, _tail(setup, comparison, name, function))
        source = source or "the same moves made again by other code"
    if comparison.true_cloud is not None:
        truth, true_error, spread = comparison.true_cloud.mean(function)
        source = "the equation with half the step, by other code"
    if spread is None:
        return Check(name, float(values.mean()), None, why=comparison.why)
    sigmas = 4.0
    if "fraction" not in name and kurtosis > HEAVY * particles * comparison.draws:  # counts have no tail
        if particles > FEW or kurtosis > LIGHT:
            return None
        sigmas += 8 / np.sqrt(particles)  # a mean of few squares is far from normal
    if "fraction" in name:
        jump = known or exact
        floor += 0.5 / particles + (jump.border(function, name) if jump is not None else 0.0)
        expected = max(truth or 0.0, predicted or 0.0)
        seen = float(values.mean())
        if max(expected, seen) * particles < SEEN or (1 - min(truth or predicted or 0.0, seen)) * particles < SEEN:
            return None  # all but a few are there, or elsewhere, as they must
        if expected > 0:  # of a fraction near 0 or 1 the spread is that of the larger of both
            spread = max(spread, float(np.sqrt(expected * max(1 - expected, 0.0))) if expected < 0.5 else spread)
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
    """A kurtosis of f where only particles tell: theirs, which a heavy tail makes too small, or Boltzmann's at the
    highest temperature."""
    assert comparison.replayed is not None
    seen = comparison.replayed.kurtosis(function)
    if comparison.truth is not None or not setup.is_confined:
        return seen
    return max(seen, boltzmann(setup.landscape, setup.hottest).statistics(function, name)[2])


def _step_unknown(setup: Setup, run: MethodRun, comparison: Comparison) -> str:
    """Why a truth cannot be held against a run of which nobody knows what its step does."""
    if run.row.proposes and (setup.config.start == "equilibrium" or comparison.long_run):
        return ""
    size = neglected(setup, run, run.row.order.weak or 1)
    if size <= 5e-3:
        return ""
    return f"a step of {setup.config.step:g} is too long here to be left out, and what it does is not known"
