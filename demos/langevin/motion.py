"""The Fokker–Planck law of a config: the exact density in motion, over which the cloud can be laid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import torch

from demos.landscapes import Box, Landscape
from demos.langevin.config import LangevinConfig, landscape_of
from demos.langevin.exact.fokker_planck import FokkerPlanck
from demos.langevin.laws import Law, Start
from demos.langevin.simulate import cooling

CELLS = (80, 160)  # a side: the second where the first is too coarse
KEPT = 40  # frames
HIGH = 18.0  # the grid covers what lies within so many kT of the lowest energy: beyond are 1e-7 of the law
MOST_WORK = 1.5e9  # numbers multiplied in sparse products: two or three seconds
COARSEST = 1.5  # dx² L/kT: a cell no wider than 1.2 standard deviations of the sharpest well


@dataclass(frozen=True)
class Motion:
    """laws (K, H, W) on the axes at times (K,), and the free energy (K,) above equilibrium."""

    grid: FokkerPlanck
    times: np.ndarray
    laws: np.ndarray
    final_kT: float

    @cached_property
    def free_energy(self) -> np.ndarray:
        return self.grid.free_energy(self.laws, self.final_kT)

    @cached_property
    def marginal_x(self) -> np.ndarray:
        """(K, W)"""
        return self.laws.sum(axis=1) * self.grid.spacing[1]

    def at(self, t: float) -> np.ndarray:
        """(H, W): exact at the kept times, linear between them."""
        k, share = self._between(t)
        return (1 - share) * self.laws[k] + share * self.laws[k + 1]

    def marginal_x_at(self, t: float) -> np.ndarray:
        """(W,): like `at`."""
        k, share = self._between(t)
        return (1 - share) * self.marginal_x[k] + share * self.marginal_x[k + 1]

    def _between(self, t: float) -> tuple[int, float]:
        k = int(np.clip(np.searchsorted(self.times, t) - 1, 0, len(self.times) - 2))
        return k, (t - self.times[k]) / (self.times[k + 1] - self.times[k])

    def law(self, t: float, floor: float) -> Law:
        xs, ys = self.grid.axes
        density = self.at(t)
        gx, gy = np.meshgrid(xs, ys)
        weights = density.ravel() * self.grid.cell
        kept = weights > 1e-13 * weights.max()
        points = torch.from_numpy(np.stack([gx.ravel()[kept], gy.ravel()[kept]], 1))
        sides = (xs, density.sum(0) * self.grid.spacing[1]), (ys, density.sum(1) * self.grid.spacing[0])
        return Law(f"Fokker–Planck equation at t = {t:.4g}", points, weights[kept], sides, floor, self.grid.spacing)


class TooMuchError(Exception):
    """The law would take too long to follow."""


class _Guard:
    """Stops work that grows beyond all measure, and lets a visitor who left stop it earlier. Equal to any other, so
    that a cache of what it watched over does not tell them apart."""

    def __init__(self, pulse: Callable[[], None] | None) -> None:
        self.pulse, self._left = pulse, MOST_WORK

    def __call__(self, work: float) -> None:
        self._left -= work
        if self._left < 0:
            raise TooMuchError
        if self.pulse is not None:
            self.pulse()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Guard)

    def __hash__(self) -> int:
        return 0


def motion(config: LangevinConfig, ends: tuple[float, ...], pulse: Callable[[], None] | None = None) -> Motion | None:
    """The law from the config's start, at even times and at each of `ends`; None where the grid cannot carry it, or
    where that would take more than a few seconds. `pulse` is called every few milliseconds and may raise, to stop."""
    names = ("temperature", "schedule", "cold", "start", "x0", "y0", "spread")
    settings = tuple(getattr(config, name) for name in names)
    guard = _Guard(pulse)
    try:
        return _motion(landscape_of(config), settings, config.duration, tuple(sorted(ends)), guard)
    finally:
        guard.pulse = None  # the cache keeps the guard, but nobody's page


@lru_cache(maxsize=6)  # 2 MB each, or 8
def _motion(
    landscape: Landscape, settings: tuple, duration: float, ends: tuple[float, ...], guard: _Guard
) -> Motion | None:
    kT, schedule, cold, start, x0, y0, spread = settings
    temperature = cooling(schedule, kT, cold, duration)
    hottest = kT if schedule == "constant" else max(kT, cold)
    coldest = kT if schedule == "constant" else min(kT, cold)
    box = _region(landscape, hottest, start, (x0, y0), spread)
    for cells in CELLS:
        axes = tuple(np.linspace(*side, cells) for side in box)
        energy = landscape.on_grid(*axes)
        if np.isfinite(energy).any() and not _too_coarse(axes, energy, coldest):
            break
    else:
        return None
    grid = FokkerPlanck(np.where(np.isnan(energy), np.inf, energy), axes, kT)
    sides = ((grid, (0, 1)),)
    if landscape.separable is not None:  # U = f(x) + g(y) and a start that is a product stay one: an axis at a time
        sides = tuple(
            (FokkerPlanck(part(axis), (axis,), kT), (i,))
            for i, (part, axis) in enumerate(zip(landscape.separable, axes, strict=True))
        )
    times = np.unique(np.concatenate([np.linspace(0, max(ends), KEPT), ends]))
    if schedule != "constant":  # kT is constant in each interval: short ones before the ends that are compared
        closer = [end * (1 - 2.0 ** -np.arange(5, 11)) for end in ends]
        times = np.unique(np.concatenate([times, *closer]))
    middle = None if schedule == "constant" else [temperature(t) for t in 0.5 * (times[1:] + times[:-1])]
    width, parts = max(spread, max(grid.spacing) / 2), []
    try:
        for side, which in sides:
            place = [(x0, y0)[i] for i in which]
            if start == "point":
                first = side.point(place)
            elif start == "cloud":
                first = side.gaussian(place, width)
            elif start == "equilibrium":
                first = side.equilibrium()
            else:
                first = _uniform(side, [landscape.view[i] for i in which])
            parts.append(side.evolve(first, times, middle, watch=guard))
    except (ValueError, TooMuchError):
        return None
    laws = parts[0] if len(parts) == 1 else parts[1][:, :, None] * parts[0][:, None, :]
    return Motion(grid, times, laws, kT if schedule == "constant" else temperature(times[-1]))


@lru_cache(maxsize=64)
def relaxation_rate(landscape: Landscape, kT: float) -> float | None:
    """λ₁, the slowest rate at which the exact law forgets its start; None where the grid cannot carry it.

    Every well counts, however high it lies: a cold law that starts in one is slow to leave it.
    """
    sides = _region(landscape, kT, "equilibrium", (0, 0), 0)
    wells = np.array([place.position for place in landscape.minima])
    axes = tuple(
        np.linspace(min(low, places.min()), max(high, places.max()), 64)
        for (low, high), places in zip(sides, wells.T, strict=True)
    )
    energy = landscape.on_grid(*axes)
    if _too_coarse(axes, energy, kT):
        return None
    if landscape.separable is not None:  # the rates of U = f(x) + g(y) are sums of one of each
        parts = zip(landscape.separable, axes, strict=True)
        return min(float(FokkerPlanck(part(axis), (axis,), kT).relaxation_rate(1)[0]) for part, axis in parts)
    return float(FokkerPlanck(np.where(np.isnan(energy), np.inf, energy), axes, kT).relaxation_rate(1)[0])


def starts(config: LangevinConfig) -> tuple[Start, Start]:
    """The start of each coordinate."""
    if config.start == "box":
        return tuple(Start("uniform", (low + high) / 2, (high - low) / 2) for low, high in landscape_of(config).view)
    kind = {"point": "point", "cloud": "gaussian", "equilibrium": "equilibrium"}[config.start]
    place = (0.0, 0.0) if kind == "equilibrium" else (config.x0, config.y0)
    return tuple(Start(kind, c, config.spread if kind == "gaussian" else 0.0) for c in place)


def _region(landscape: Landscape, kT: float, start: str, place: tuple[float, float], spread: float) -> Box:
    """Where the law lives: low energies, and the start, inside the landscape's box."""
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
    """Whether the energy bends too much from cell to cell where the law lives."""
    near = energy - np.nanmin(energy) < 8 * kT
    for axis in (0, 1):
        with np.errstate(invalid="ignore"):  # inf − inf inside walls
            bend = np.abs(np.diff(energy, n=2, axis=axis))
        inner = near[1:-1] if axis == 0 else near[:, 1:-1]
        if inner.any() and np.nanmax(bend[inner]) > COARSEST * kT:
            return True
    return False


def _uniform(grid: FokkerPlanck, view: Sequence[tuple[float, float]]) -> np.ndarray:
    inside = np.ones(())
    for axis, step, (low, high) in zip(grid.axes, grid.spacing, view, strict=True):  # how much of each cell is inside
        share = np.clip(np.minimum(axis + step / 2, high) - np.maximum(axis - step / 2, low), 0, step) / step
        inside = np.multiply.outer(share, inside)
    inside[~np.isfinite(grid.energy)] = 0.0
    return inside / (inside.sum() * grid.cell)
