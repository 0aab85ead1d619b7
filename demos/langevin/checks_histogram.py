"""Kolmogorov–Smirnov check of the histogram of x against its exact curve, over several frames."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.interpolate import CubicSpline

from demos.common.tails import kolmogorov_chance, kolmogorov_exceeded_with
from demos.contract import Check
from demos.langevin.comparison import Comparison, quadratic_prediction
from demos.langevin.inertia import moving_marginals
from demos.langevin.reference.density_evolution import DensityEvolution
from demos.langevin.reference.discretised import kernel_marginals
from demos.langevin.reference.distribution import Distribution, Marginal
from demos.langevin.samplers import UNBIASED
from demos.langevin.settling import neglected
from demos.langevin.setup import Setup
from demos.langevin.simulate import COMPARED, MethodRun

RARE = 6.3e-5  # significance level of the test: the probability of four standard errors
STEEP = 0.4  # the largest density of N(0, 1), which converts a shift in standard deviations to one in probability
FEWEST = 20  # least number of particles
SETTLED = 10  # least number of steps after which a method is compared with the curve of continuous time
GRID = 1e-3  # error of a cumulative distribution on a grid
BLURRED = 0.05  # largest effect of the step on the curve, in standard deviations, at which the two are compared

Cumulative = Callable[[np.ndarray], np.ndarray]


def histogram(setup: Setup, run: MethodRun, comparison: Comparison, evolution: DensityEvolution | None) -> list[Check]:
    """The row of the Kolmogorov–Smirnov distance of the histogram, for the worst of several frames."""
    count = setup.config.particles
    if count < FEWEST:
        return []
    frames, curves, floor, of_step, source = _curves(setup, run, comparison, evolution)
    if not curves:
        return _beside_replay(setup, run, comparison)
    gaps = [_gap(run.states[k, :, 0].astype(np.float64), curve) for k, curve in zip(frames, curves, strict=True)]
    worst = int(np.argmax(gaps))
    chance = min(1.0, len(gaps) * kolmogorov_chance(gaps[worst], count))
    return [
        Check(
            f"gap between histogram and curve of x, {len(gaps)} frame{'s' if len(gaps) > 1 else ''}",
            float(gaps[worst]),
            None if of_step else 0.0,
            0.0,
            kolmogorov_exceeded_with(RARE / len(gaps), count) + floor,
            source=source,
            predicted=0.0 if of_step else None,
            predicted_by="this step",
            percentile=100 * (1 - chance),
            note=f"Largest difference of the shares left of any x (Kolmogorov–Smirnov), at t = "
            f"{run.times[frames[worst]]:.3g}.",
        )
    ]


def _curves(
    setup: Setup, run: MethodRun, comparison: Comparison, evolution: DensityEvolution | None
) -> tuple[list[int], list[Cumulative], float, bool, str]:
    """The frames, a cumulative curve for each, the error of the curves, whether they are for this step size, and their
    source."""
    last, config = len(run.times) - 1, setup.config
    moving = [int(k) for k in run.compared_frames]
    of = _of_points if setup.landscape.chart else lambda found: _cumulative(found.marginals[0])
    if setup.is_quadratic and setup.is_constant and comparison.predicted is not None:
        steps = [round(float(run.times[k]) / config.step) for k in moving]
        found = [quadratic_prediction(setup, run, n) for n in steps]
        return moving, [_cumulative(each.marginals[0]) for each in found], GRID, True, comparison.predicted.source
    known = comparison.distribution
    if comparison.long_run and known is not None:
        frames = [int(k) for k in np.unique(np.linspace(comparison.first, last, COMPARED).round())]
        of_step, shift = comparison.predicted is not None, 0.0
        if not of_step and run.method not in UNBIASED:  # the exact curve, without the error of the step
            shift = neglected(setup, run, run.row.order.stationary or 1)
            if shift > BLURRED:
                return [], [], 0.0, False, ""
        return frames, [of(known)] * len(frames), GRID + STEEP * (known.floor + shift), of_step, known.source
    own = moving_marginals(setup, run, is_true=False)
    if own is not None and comparison.predicted is not None:
        return moving, [_cumulative(_density(x.x)) for x, _ in own], GRID, True, comparison.predicted.source
    if setup.is_constant and setup.landscape.separable is not None and comparison.predicted is not None:
        steps = tuple(max(1, round(float(run.times[k]) / config.step)) for k in moving)
        profile, start, box = setup.landscape.separable[0], setup.start_distributions[0], setup.landscape.box[0]
        curves = _kernel_curves(profile, run.method, setup.kT, config.step, start, steps, box)
        if curves:
            return moving, curves, GRID, True, comparison.predicted.source
    if comparison.predicted is not None:
        floor = GRID + STEEP * comparison.predicted.floor
        return [last], [of(comparison.predicted)], floor, True, comparison.predicted.source
    if comparison.truth is None or comparison.incomparable or run.method == "mala":
        return [], [], 0.0, False, ""
    shift = neglected(setup, run, run.row.order.weak or 1)
    if comparison.step_error is not None:  # on a slope the step moves a narrow cloud by more than its width
        place = lambda x: x[:, 0]
        shift = max(shift, abs(comparison.step_error.shift(place)[0]) / comparison.truth.statistics(place)[1])
    if shift > BLURRED:
        return [], [], 0.0, False, ""
    floor = GRID + STEEP * (comparison.truth.floor + shift)
    taken = [round(float(run.times[k]) / config.step) for k in moving]
    moving = [k for k, n in zip(moving, taken, strict=True) if n >= SETTLED]
    if taken[-1] < SETTLED:  # after few steps, methods that average their noise are too narrow
        return [], [], 0.0, False, ""
    floor += STEEP / (4 * min(n for n in taken if n >= SETTLED))
    true = moving_marginals(setup, run, is_true=True)
    if true is not None and config.start != "equilibrium":
        curves = [_cumulative(_density(x.x)) for x, _ in true[-len(moving) :]]
        return moving, curves, floor, False, comparison.truth.source
    if evolution is None or not setup.is_constant or config.start == "equilibrium":
        return [last], [of(comparison.truth)], floor, False, comparison.truth.source
    found = [evolution.distribution_at(float(run.times[k]), comparison.truth.floor) for k in moving]
    return moving, [of(each) for each in found], floor, False, "Fokker–Planck equation at these times"


@lru_cache(maxsize=32)
def _kernel_curves(*arguments: Any) -> list[Cumulative]:
    """The cumulative curves of `kernel_marginals`; none where they are not known or probability leaves the grid."""
    found = kernel_marginals(*arguments)
    if found is None or any(abs(weights.sum() - 1) >= 1e-6 for _, weights in found):
        return []
    return [_cumulative(_density(each)) for each in found]


def _beside_replay(setup: Setup, run: MethodRun, comparison: Comparison) -> list[Check]:
    cloud = comparison.replayed
    if cloud is None or len(cloud.alive) < FEWEST:
        return []
    seen, again = run.states[-1, :, 0].astype(np.float64), np.sort(cloud.alive[:, 0].numpy())
    both = np.sort(np.concatenate([seen, again]))
    shares = [np.searchsorted(np.sort(side), both, side="right") / len(side) for side in (seen, again)]
    gap = float(np.abs(shares[0] - shares[1]).max())
    count = max(1, round(len(seen) * len(again) / (len(seen) + len(again))))
    return [
        Check(
            "gap between histogram and replay of x, at the end",
            gap,
            None,
            0.0,
            kolmogorov_exceeded_with(RARE, count) + 1 / count,
            source="the same moves made again by other code",
            predicted=0.0,
            predicted_by="this step",
            percentile=100 * (1 - kolmogorov_chance(gap, count)),
        )
    ]


def _gap(values: np.ndarray, cumulative: Cumulative) -> float:
    """Kolmogorov's distance of values (N,) from a cumulative curve; 1 where one is not finite."""
    if not np.isfinite(values).all():
        return 1.0
    values = np.sort(values)
    below, n = cumulative(values), len(values)
    steps = np.arange(n + 1) / n
    return float(max((steps[1:] - below).max(), (below - steps[:-1]).max()))


def _of_points(distribution: Distribution) -> Cumulative:
    """The cumulative distribution of x where a chart scattered the points: from them, not from bins of them."""
    if distribution.floor >= 1e-3 or len(distribution.points) <= 10_000:
        return _cumulative(distribution.marginals[0])
    x, weights = distribution.points[:, 0].numpy(), distribution.weights
    order = np.argsort(x)
    x, shares = x[order], np.cumsum(weights[order]) - weights[order] / 2
    return lambda s: np.interp(s, x, shares / weights.sum(), left=0.0, right=1.0)


def _density(probabilities: Marginal) -> Marginal:
    """Grid and density of probabilities on a grid."""
    s, weights = probabilities
    return s, weights / (s[1] - s[0])


def _cumulative(marginal: Marginal) -> Cumulative:
    s, density = marginal
    curve = CubicSpline(s, density).antiderivative()
    total = float(curve(s[-1]) - curve(s[0]))
    return lambda x: np.clip((curve(np.clip(x, s[0], s[-1])) - curve(s[0])) / total, 0.0, 1.0)
