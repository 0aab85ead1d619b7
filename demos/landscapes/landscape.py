"""Landscape: an energy surface with wells and Boltzmann averages.

Points are tensors (N, 2) of any dtype on any device. The gradients of this package are fastest if x is stored
component by component (`x = buffer.T` with a contiguous buffer (2, N)); their results have the same memory layout.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
import torch
from torch import Tensor

from demos.landscapes.basins import Basins
from demos.landscapes.energy_surface import Box, EnergySurface, grid_points

CONFINED = 15.0  # kT: least height of the rim above the lowest energy; about 1e-6 of the distribution is outside


@dataclass(frozen=True)
class Profile:
    """f or g of a separable energy U(x, y) = f(x) + g(y), with two derivatives: functions of NumPy arrays."""

    energy: Callable[[np.ndarray], np.ndarray]
    derivative: Callable[[np.ndarray], np.ndarray]
    second_derivative: Callable[[np.ndarray], np.ndarray]

    def __call__(self, s: np.ndarray) -> np.ndarray:
        return self.energy(s)


@dataclass(frozen=True)
class Chart:
    """Coordinates (u, v) in which a regular grid resolves exp(−U/kT); dx dy = area(u, v) du dv."""

    box: Box
    x: Callable[[np.ndarray, np.ndarray], np.ndarray]
    y: Callable[[np.ndarray, np.ndarray], np.ndarray]
    area: Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Grid:
    """A regular grid for quadrature: axes (us, vs), arrays (H, W) with row i at vs[i].

    energy: U, or U − kT log(area) if the landscape has a chart, so that exp(−energy/kT) du dv is the Boltzmann
    distribution up to a factor. x, y: the positions of the nodes; without a chart, x = u and y = v. wells: the well of
    each node.
    """

    axes: tuple[np.ndarray, np.ndarray]
    energy: np.ndarray
    x: np.ndarray
    y: np.ndarray
    wells: np.ndarray


@dataclass(frozen=True, eq=False, kw_only=True)
class Landscape(EnergySurface):
    """An energy surface that confines particles, with its wells and averages over its Boltzmann distribution.

    The fields are explained in `demos.landscapes`.
    """

    box: Box  # beyond it exp(−U/kT) is negligible at every kT of the range (but see the funnel)
    kT: float  # the default temperature
    kT_range: tuple[float, float]
    convexity: float | None = None  # the smallest eigenvalue of the Hessian over all points, if it is positive
    separable: tuple[Profile, Profile] | None = None
    chart: Chart | None = None
    well_rule: Callable[[Tensor], Tensor] | None = field(default=None, repr=False)
    cells: int = 256  # cells on each side of the grid of basins, used if there is no rule

    @property
    def well_names(self) -> tuple[str, ...]:
        """The names of the minima; the labels of `wells` are indices into this tuple."""
        return tuple(place.name for place in self.approximate_points if place.kind == "minimum")

    def wells(self, x: Tensor) -> Tensor:
        """The well of each point: (N, 2) -> (N,) indices into `well_names`, −1 for a point that is not finite.

        By `well_rule` if there is one, else by the basin of steepest descent. Basins are computed once on a grid over
        `view`, so their borders are accurate to about a cell; a point outside counts as the nearest point of the view.
        """
        if len(self.well_names) == 1:
            labels = torch.zeros(x.shape[0], dtype=torch.int64, device=x.device)
        else:
            labels = (self.well_rule or self._basins)(x)
        return labels.masked_fill_(~torch.isfinite(x.sum(-1)), -1)

    def grid(self, kT: float, count: int = 400) -> Grid:
        """A grid for quadrature of exp(−U/kT): count × count nodes over the part of the box where it is not negligible.

        With an even count no node is on the border between symmetric wells.
        """
        box = self.chart.box if self.chart else self.box
        for nodes in (101, 101, count):
            axes = tuple(np.linspace(low, high, nodes) for low, high in box)
            u, v = np.meshgrid(*axes)
            x, y = (self.chart.x(u, v), self.chart.y(u, v)) if self.chart else (u, v)
            energy = self.energy(grid_points(x, y)).numpy().reshape(x.shape)
            if self.chart:
                energy = energy - kT * np.log(self.chart.area(u, v))
            alive = energy < energy.min() + 45 * kT
            box = tuple(_span(axis, alive.any(other)) for other, axis in enumerate(axes))
        return Grid(axes, energy, x, y, self.wells(grid_points(x, y)).numpy().reshape(x.shape))

    def boltzmann(self, kT: float, count: int = 400) -> tuple[np.ndarray, np.ndarray, float]:
        """The distribution exp(−U/kT)/Z by quadrature on `grid`: points (M, 2), probabilities (M,), and log Z.

        The mean of f is `probabilities @ f(points)`. If f is smooth, the error of the trapezoidal rule falls faster
        than any power of the spacing (Trefethen and Weideman, SIAM Review 56 (2014) 385); if f jumps, as the label of
        a well does, the error is of the order of the spacing.
        """
        grid = self.grid(kT, count)
        low = grid.energy.min()
        weights = np.exp(-(grid.energy - low) / kT).ravel()
        total, cell = weights.sum(), math.prod(axis[1] - axis[0] for axis in grid.axes)
        points = np.stack((grid.x.ravel(), grid.y.ravel()), axis=1)
        return points, weights / total, float(np.log(total * cell) - low / kT)

    def confines(self, kT: float) -> bool:
        """Whether the Boltzmann distribution at kT is inside the box (or chart): U on its rim is at least `CONFINED` kT
        above the lowest energy."""
        return _confines(self, kT)

    @cached_property
    def _basins(self) -> Basins:
        return Basins(self.gradient, [place.position for place in self.minima], self.view, self.cells)


@lru_cache(maxsize=64)
def _confines(landscape: Landscape, kT: float) -> bool:
    chart = landscape.chart

    def height(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        x, y = (chart.x(u, v), chart.y(u, v)) if chart else (u, v)
        energy = landscape.energy(torch.from_numpy(np.stack([x, y], axis=1))).numpy()
        return energy - kT * np.log(chart.area(u, v)) if chart else energy

    box = chart.box if chart else landscape.box
    inside = np.meshgrid(*(np.linspace(*side, 201) for side in box))
    low = height(*(part.ravel() for part in inside)).min()
    if not chart:
        low = min(low, *(place.energy for place in landscape.minima))
    (left, right), (bottom, top) = box
    x, y = np.linspace(left, right, 101), np.linspace(bottom, top, 101)
    rim_x = np.concatenate((x, x, 0 * y + left, 0 * y + right))
    rim_y = np.concatenate((0 * x + bottom, 0 * x + top, y, y))
    return bool(height(rim_x, rim_y).min() - low > CONFINED * kT)


def _span(axis: np.ndarray, alive: np.ndarray) -> tuple[float, float]:
    """The interval of the axis where `alive` is True, extended by two nodes at each end."""
    places = np.flatnonzero(alive)
    return float(axis[max(places[0] - 2, 0)]), float(axis[min(places[-1] + 2, len(axis) - 1)])
