"""The density of an overdamped run at any time, by the Fokker–Planck equation on a grid over its landscape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

import numpy as np

from demos.common.schedules import Cooling
from demos.landscapes import Box, Landscape
from demos.langevin.exact.fokker_planck import FokkerPlanck
from demos.langevin.exact.propagate import TooMuchWork, WorkBudget
from demos.langevin.reference.distribution import Distribution, on_grid
from demos.langevin.reference.gaussian import gaussian_distribution
from demos.langevin.reference.short_time import NARROW, ShortTime, short_time

CELLS = (80, 160)  # cells a side: the second where the first is too coarse
FRAMES = 40
HIGH = 18.0  # kT above the lowest energy that the grid covers: all but 1e-7 of the density
MOST_WORK = 1.5e9  # most multiplications in sparse products: two or three seconds
COARSEST = 1.5  # largest dx² L/kT: cells of at most 1.2 standard deviations of the sharpest well
CURVE = 2.0  # cells: least width of a density whose cumulative curve is compared
RESOLVED = 5.0  # cells: the mean of |x| over a density of this width is wrong by 4e-3 of the width
KNOWN = 8  # distributions cached for one evolution


@dataclass(frozen=True, eq=False)
class DensityEvolution:
    """densities (K, H, W) on the grid's axes at times (K,); the temperature at the end is final_kT. early: the density
    shortly after a start that is narrower than the grid resolves."""

    grid: FokkerPlanck
    times: np.ndarray
    densities: np.ndarray
    final_kT: float
    early: ShortTime | None = None
    blurred: float = 0.0  # the largest broadening by the grid, as a share of a standard deviation
    _known: dict[tuple[float, float], Distribution] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def free_energy(self) -> np.ndarray:
        """The free energy above equilibrium at the final temperature, (K,)."""
        return self.grid.free_energy(self.densities, self.final_kT)

    @cached_property
    def marginals_x(self) -> np.ndarray:
        """The density of x at each time, (K, W)."""
        return self.densities.sum(axis=1) * self.grid.spacing[1]

    def density_at(self, t: float) -> np.ndarray:
        """The density (H, W) at time t: exact at `times`, linearly interpolated between them."""
        return self._interpolated(self.densities, np.array([t]))[0]

    def marginals_x_at(self, times: np.ndarray) -> np.ndarray:
        """The densities of x at times (n,): (n, W), interpolated like `density_at`."""
        return self._interpolated(self.marginals_x, times)

    def _interpolated(self, values: np.ndarray, times: np.ndarray) -> np.ndarray:
        """values (K, ...) at times (n,): (n, ...)."""
        k = np.clip(np.searchsorted(self.times, times) - 1, 0, len(self.times) - 2)
        share = (times - self.times[k]) / (self.times[k + 1] - self.times[k])
        share = share.reshape(-1, *(1,) * (values.ndim - 1))
        return (1 - share) * values[k] + share * values[k + 1]

    def distribution_at(self, t: float, floor: float) -> Distribution:
        """The density at time t as a Distribution whose means have the error `floor`, in standard deviations."""
        if (t, floor) not in self._known:
            while len(self._known) >= KNOWN:
                self._known.pop(next(iter(self._known)), None)
            self._known[t, floor] = self._distribution_at(t, floor)
        return self._known[t, floor]

    def _distribution_at(self, t: float, floor: float) -> Distribution:
        if self.early is not None and t <= self.early.until:
            return replace(
                gaussian_distribution(*self.early.moments(t), f"Fokker–Planck equation at t = {t:.4g}"), floor=floor
            )
        (xs, ys), (dx, dy), density = self.grid.axes, self.grid.spacing, self.density_at(t)
        marginals = (xs, density.sum(0) * dy), (ys, density.sum(1) * dx)
        source = f"Fokker–Planck equation at t = {t:.4g}"
        return on_grid(source, (xs, ys), density * self.grid.cell, marginals, floor, (dx, dy))


@lru_cache(maxsize=6)  # 2 MB each, or 8
def density_evolution(
    landscape: Landscape,
    temperature: float | Cooling,
    start: str,
    place: tuple[float, float],
    spread: float,
    endpoints: tuple[float, ...],
) -> DensityEvolution | None:
    """The density from a start ("point", "cloud", "box", "equilibrium"), at even times and at each of the endpoints.

    None where the grid cannot resolve it, or where that would take more than a few seconds. It can be cancelled.
    """
    if isinstance(temperature, Cooling):
        schedule, kT, hottest, coldest = temperature, temperature.hot, temperature.hottest, temperature.coldest
    else:
        schedule, kT, hottest, coldest = None, temperature, temperature, temperature
    box = _region(landscape, hottest, start, place, spread)
    for cells in CELLS:
        axes = tuple(np.linspace(*side, cells) for side in box)
        early, width = None, spread if start == "cloud" else 0.0
        spacing = tuple(float(axis[1] - axis[0]) for axis in axes)
        narrow = start in ("point", "cloud") and width < NARROW * max(spacing)
        if narrow:
            early = short_time(landscape, place, schedule or (lambda t: kT), spacing, width)
            if early is None and cells < CELLS[-1]:
                continue
            reached = np.sqrt(width**2 + 2 * hottest * np.array([min(endpoints), max(endpoints)]))  # if U were flat
            if early is None and (reached < np.array([CURVE, RESOLVED]) * max(spacing)).any():
                return None
            if early is None:  # a grid point at the start: mass there and beside it has the right mean and variance
                axes = tuple(_through(axis, at) for axis, at in zip(axes, place, strict=True))
        energy = landscape.on_grid(*axes)
        if np.isfinite(energy).any() and not _too_coarse(axes, energy, coldest):
            break
    else:
        return None
    grid = FokkerPlanck(np.where(np.isnan(energy), np.inf, energy), axes, kT)
    sides = ((grid, (0, 1)),)
    if landscape.separable is not None:  # U = f(x) + g(y) and a product start: each axis is solved by itself
        sides = tuple(
            (FokkerPlanck(part(axis), (axis,), kT), (i,))
            for i, (part, axis) in enumerate(zip(landscape.separable, axes, strict=True))
        )
    times = _times(endpoints, refine=schedule is not None)
    later = times if early is None else np.concatenate([[early.until], times[times > early.until]])
    middle = None if schedule is None else [schedule(t) for t in 0.5 * (later[1:] + later[:-1])]
    budget, parts = WorkBudget(MOST_WORK), []
    try:
        for side, which in sides:
            centre = [place[i] for i in which]
            if early is not None:
                first = _narrow(side, early, early.until, which)
            elif narrow:
                first = _spread_by(side, side.point(centre), width)
            elif start == "cloud":
                first = side.gaussian(centre, width)
            elif start == "equilibrium":
                first = side.equilibrium()
            else:
                first = _uniform(side, [landscape.view[i] for i in which])
            density = side.evolve(first, later, middle, budget)
            if early is not None:
                before = [_narrow(side, early, t, which) for t in times[times <= early.until]]
                density = np.concatenate([np.stack(before), density[1:]])
            parts.append(density)
    except (ValueError, TooMuchWork):
        return None
    densities = parts[0] if len(parts) == 1 else parts[1][:, :, None] * parts[0][:, None, :]
    kTs = np.array([schedule(t) if schedule is not None else kT for t in times])
    until = 0.0 if early is None else early.until
    smeared = _smeared(grid, times, densities, kTs, until, landscape.curvature)
    if narrow and early is None and not _resolved(grid, densities[np.isin(times, endpoints)]):
        smeared = np.inf
    return DensityEvolution(grid, times, densities, float(kTs[-1]), early, smeared)


def _resolved(grid: FokkerPlanck, densities: np.ndarray) -> bool:
    """Whether the densities (K, H, W) are wide enough: each for its curve, the last also for means of kinks."""
    for i, (axis, step) in enumerate(zip(grid.axes, grid.spacing, strict=True)):
        sides = densities.sum(axis=1 + i)
        sides /= sides.sum(axis=1, keepdims=True)
        widths = np.sqrt(np.maximum(sides @ axis**2 - (sides @ axis) ** 2, 0.0)) / step
        if (widths < CURVE).any() or widths[-1] < RESOLVED:
            return False
    return True


def _smeared(
    grid: FokkerPlanck, times: np.ndarray, densities: np.ndarray, kTs: np.ndarray, until: float, curvature: float
) -> float:
    """The broadening by the grid of a density on a slope of many kT per cell, in standard deviations of the density.

    There the scheme has a diffusion of kT z coth z instead of kT, z = |∂U| dx/2kT (Scharfetter and Gummel 1969). The
    added variance decays at the rate of the sharpest well. The scheme's equilibrium is exact, so that only a density
    out of equilibrium has this error.
    """
    worst = 0.0
    sharpest = curvature if np.isfinite(curvature) and curvature > 0 else np.inf
    with np.errstate(invalid="ignore", over="ignore"):
        slopes = [np.nan_to_num(np.gradient(grid.energy, axis, axis=1 - i)) for i, axis in enumerate(grid.axes)]

    @lru_cache(maxsize=1)  # it depends on time only by the temperature
    def added_by(kT: float) -> list[np.ndarray]:
        sizes = [
            np.minimum(np.abs(slope) * dx / (2 * kT), 50.0) for slope, dx in zip(slopes, grid.spacing, strict=True)
        ]
        return [kT * (z / np.tanh(np.maximum(z, 1e-6)) - 1) for z in sizes]

    before = None
    for t, length, density, kT in zip(times[1:], np.diff(times), densities[1:], kTs[1:], strict=True):
        mass = density * grid.cell
        moving = 1.0 if before is None else min(1.0, float(np.abs(mass - before).sum()) / 2)
        before = mass
        if t <= until:
            continue
        for i, (axis, each) in enumerate(zip(grid.axes, added_by(float(kT)), strict=True)):
            side = mass.sum(axis=i) / mass.sum()
            variance = float(side @ (axis - side @ axis) ** 2)
            added = float(np.vdot(mass, each))
            worst = max(worst, moving * added * min(length, 1 / (2 * sharpest)) / max(variance, 1e-300))
    return worst


def _through(axis: np.ndarray, place: float) -> np.ndarray:
    """The axis shifted by less than a cell, so that one of its points is at `place`."""
    step = axis[1] - axis[0]
    return axis + (place - axis[0]) % step - (step if (place - axis[0]) % step > 0 else 0.0)


def _spread_by(grid: FokkerPlanck, density: np.ndarray, width: float) -> np.ndarray:
    """Some of the mass moved to both neighbours along each axis, which adds the variance width²."""
    for axis, step in enumerate(reversed(grid.spacing)):  # of an array (H, W) the first is that of y
        share = min(width / step, 1.0) ** 2 / 2
        beside = np.roll(density, 1, axis) + np.roll(density, -1, axis)
        density = np.where(np.isfinite(grid.energy), density + share * (beside - 2 * density), 0.0)
    return density / (density.sum() * grid.cell)


def _narrow(grid: FokkerPlanck, early: ShortTime, t: float, which: tuple[int, ...]) -> np.ndarray:
    """The early density on the grid of one coordinate or of both, at least as wide as the grid resolves."""
    mean, covariance = early.moments(t)
    mean, covariance = mean[list(which)], covariance[np.ix_(which, which)]
    covariance = covariance + np.diag(np.maximum((0.5 * np.array(grid.spacing)) ** 2 - np.diag(covariance), 0.0))
    offsets = np.stack(np.meshgrid(*(axis - m for axis, m in zip(grid.axes, mean, strict=True))), axis=-1)
    exponent = 0.5 * np.einsum("...i,ij,...j->...", offsets, np.linalg.inv(covariance), offsets)
    weight = np.where(np.isfinite(grid.energy), np.exp(-(exponent - exponent.min())), 0.0)
    return weight / (weight.sum() * grid.cell)


def _times(endpoints: tuple[float, ...], refine: bool) -> np.ndarray:
    """Equally spaced times from 0, and the endpoints; with `refine` intervals are short, because the temperature is
    constant in each."""
    times = np.unique(np.concatenate([np.linspace(0, max(endpoints), FRAMES), endpoints]))
    if not refine:
        return times
    return np.unique(np.concatenate([times, *(end * (1 - 2.0 ** -np.arange(5, 11)) for end in endpoints)]))


@lru_cache(maxsize=64)
def relaxation_rate(landscape: Landscape, kT: float) -> float | None:
    """The slowest relaxation rate λ₁ of the density; None where the grid cannot resolve it, 0 where it is below
    rounding.

    It includes all wells, also those at high energy, which a cold density leaves slowly.
    """
    if landscape.name == "harmonic" and landscape.convexity is not None:
        return landscape.convexity
    sides = _region(landscape, kT, "equilibrium", (0, 0), 0)
    wells = np.array([place.position for place in landscape.minima])
    axes = tuple(
        np.linspace(min(low, places.min()), max(high, places.max()), 64)
        for (low, high), places in zip(sides, wells.T, strict=True)
    )
    energy = landscape.on_grid(*axes)
    if _too_coarse(axes, energy, kT):
        return None
    if landscape.separable is not None:  # the rates of U = f(x) + g(y) are sums of a rate of f and one of g
        parts = zip(landscape.separable, axes, strict=True)
        return min(float(FokkerPlanck(part(axis), (axis,), kT).relaxation_rate(1)[0]) for part, axis in parts)
    return float(FokkerPlanck(np.where(np.isnan(energy), np.inf, energy), axes, kT).relaxation_rate(1)[0])


def _region(landscape: Landscape, kT: float, start: str, place: tuple[float, float], spread: float) -> Box:
    """The box of the grid: low energies and the start, inside the landscape's box."""
    axes = tuple(np.linspace(*side, 241) for side in landscape.box)
    energy = landscape.on_grid(*axes)
    low = energy - np.nanmin(energy) < HIGH * kT
    if start == "box":
        (x0, x1), (y0, y1) = landscape.view
        low |= ((axes[1] >= y0) & (axes[1] <= y1))[:, None] & ((axes[0] >= x0) & (axes[0] <= x1))
    sides = []
    for axis, (s, margin) in enumerate(zip(axes, (low.any(axis=0), low.any(axis=1)), strict=True)):
        inside, cell = s[margin], s[1] - s[0]
        left, right = inside.min() - cell, inside.max() + cell
        if start in ("point", "cloud"):
            reach = 4 * spread * (start == "cloud") + 2 * cell
            left, right = min(left, place[axis] - reach), max(right, place[axis] + reach)
        sides.append((float(left), float(right)))
    return tuple(sides)


def _too_coarse(axes: tuple[np.ndarray, np.ndarray], energy: np.ndarray, kT: float) -> bool:
    """Whether the cells are too wide for the curvature of the energy where it is low."""
    near = energy - np.nanmin(energy) < 8 * kT
    for axis in (0, 1):
        with np.errstate(invalid="ignore"):  # inf − inf inside walls
            curvature = np.abs(np.diff(energy, n=2, axis=axis))
        inner = near[1:-1] if axis == 0 else near[:, 1:-1]
        if inner.any() and np.nanmax(curvature[inner]) > COARSEST * kT:
            return True
    return False


def _uniform(grid: FokkerPlanck, view: Sequence[tuple[float, float]]) -> np.ndarray:
    """The uniform density over the view, restricted to the grid."""
    inside = np.ones(())
    for axis, step, (low, high) in zip(
        grid.axes, grid.spacing, view, strict=True
    ):  # the part of each cell that is inside
        share = np.clip(np.minimum(axis + step / 2, high) - np.maximum(axis - step / 2, low), 0, step) / step
        inside = np.multiply.outer(share, inside)
    inside[~np.isfinite(grid.energy)] = 0.0
    return inside / (inside.sum() * grid.cell)
