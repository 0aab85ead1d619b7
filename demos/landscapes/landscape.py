"""Landscape: an energy surface with wells and Boltzmann averages.

Points are tensors (N, 2) of any dtype on any device. The gradients of this package work on whole rows of components,
so they are fastest where the memory of `x` is component-major (`x = buffer.T` with a contiguous buffer (2, N)), and
they answer in the same layout.
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

CONFINED = 15.0  # kT of the rim above the lowest energy: a share of 1e-6 of the distribution is outside


@dataclass(frozen=True)
class Profile:
    """One part of a separable energy U(x, y) = f(x) + g(y): value and first two derivatives, numpy in, numpy out."""

    energy: Callable[[np.ndarray], np.ndarray]
    derivative: Callable[[np.ndarray], np.ndarray]
    second_derivative: Callable[[np.ndarray], np.ndarray]

    def __call__(self, s: np.ndarray) -> np.ndarray:
        return self.energy(s)


@dataclass(frozen=True)
class Chart:
    """Coordinates (u, v) in which exp(−U/kT) is tame enough for a regular grid: dx dy = area(u, v) du dv."""

    box: Box
    x: Callable[[np.ndarray, np.ndarray], np.ndarray]
    y: Callable[[np.ndarray, np.ndarray], np.ndarray]
    area: Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Grid:
    """A regular grid for quadrature: axes (us, vs), arrays (H, W) with row i at vs[i].

    `energy` is U, or U − kT log(area) where the landscape has a chart: either way exp(−energy/kT) du dv is the
    Boltzmann distribution up to a factor. x and y are the positions of the nodes, wells their labels. Without a chart
    x and y are the coordinates themselves.
    """

    axes: tuple[np.ndarray, np.ndarray]
    energy: np.ndarray
    x: np.ndarray
    y: np.ndarray
    wells: np.ndarray


@dataclass(frozen=True, eq=False, kw_only=True)
class Landscape(EnergySurface):
    """An energy surface that holds particles: with wells and Boltzmann averages.

    See `demos.landscapes` for what each field must state.
    """

    box: Box  # beyond it exp(−U/kT) is negligible at every kT of the range (but see the funnel)
    kT: float  # the default temperature
    kT_range: tuple[float, float]
    convexity: float | None = None  # smallest eigenvalue of the Hessian anywhere, where that is positive
    separable: tuple[Profile, Profile] | None = None
    chart: Chart | None = None
    well_rule: Callable[[Tensor], Tensor] | None = field(default=None, repr=False)
    cells: int = 256  # of the basins' grid, a side, where there is no rule

    @property
    def well_names(self) -> tuple[str, ...]:
        """The names of the minima; `wells` labels by place in this tuple."""
        return tuple(place.name for place in self.known if place.kind == "minimum")

    def wells(self, x: Tensor) -> Tensor:
        """The well of each point: (N, 2) -> (N,) whole numbers into `well_names`, −1 where a point is not finite.

        By the landscape's own rule where it has one, else by the basin of steepest descent, precomputed on a grid
        over `view` (so true to about a cell of it; a point outside belongs with the nearest point of the view).
        """
        if len(self.well_names) == 1:
            labels = torch.zeros(x.shape[0], dtype=torch.int64, device=x.device)
        else:
            labels = (self.well_rule or self._basins)(x)
        return labels.masked_fill_(~torch.isfinite(x.sum(-1)), -1)

    def grid(self, kT: float, count: int = 400) -> Grid:
        """Nodes for quadrature of exp(−U/kT), count × count over the part of the box where it is not negligible.

        An even count keeps nodes off the border between symmetric wells.
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

        Any mean is then `probabilities @ f(points)`. For a smooth integrand that vanishes at the edge the error of
        the trapezoidal rule falls faster than any power of the spacing (Trefethen and Weideman, SIAM Review 56
        (2014) 385); for one that jumps, as a well's label does, it is of the order of the spacing.
        """
        grid = self.grid(kT, count)
        low = grid.energy.min()
        weights = np.exp(-(grid.energy - low) / kT).ravel()
        total, cell = weights.sum(), math.prod(axis[1] - axis[0] for axis in grid.axes)
        points = np.stack((grid.x.ravel(), grid.y.ravel()), axis=1)
        return points, weights / total, float(np.log(total * cell) - low / kT)

    def confines(self, kT: float) -> bool:
        """Whether the box (or chart) holds the Boltzmann distribution at kT: on its rim U stands `CONFINED` kT above
        the lowest energy. False where it is too hot."""
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
    """Where `alive` holds, and two nodes more on either side (within the axis)."""
    places = np.flatnonzero(alive)
    return float(axis[max(places[0] - 2, 0)]), float(axis[min(places[-1] + 2, len(axis) - 1)])
