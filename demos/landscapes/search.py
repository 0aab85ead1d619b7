"""Search for the minima and saddles of an arbitrary energy inside a box.

Newton's method, with steps of at most a grid cell, starts at the local minima of the energy and of |∇U| on a grid. If
it finds no minimum near a local minimum of the grid, this may be a kink, such as that of |x|, or a pole where the
energy is unbounded below: there the energy is compared on finer and finer grids.
"""

from __future__ import annotations

import itertools
import math
import string
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from demos.gradient_flow.derivatives import autograd_hessian
from demos.landscapes.stationary_points import StationaryPoint, kind_of

MOST = 9  # the most minima, and saddles, that are returned: the lowest
CANDIDATES = 40  # the most starts of Newton's method: from low energies, and again from small gradients
ROUNDS = 20  # Newton steps
ZOOMS, SHRINK = 60, 0.6  # grid refinements at a kink, down to 0.6⁶⁰ = 5e-14 of a cell


@dataclass(frozen=True)
class Surface:
    """An energy of points (N, 2), +inf where undefined, with its values (H, W) at the centres of the cells of a box."""

    energy: Callable[..., Tensor]
    gradient: Callable[..., Tensor]
    xs: np.ndarray
    ys: np.ndarray
    values: np.ndarray

    @property
    def cell(self) -> np.ndarray:
        return np.array([self.xs[1] - self.xs[0], self.ys[1] - self.ys[0]])

    def energies(self, at: np.ndarray) -> np.ndarray:
        """Energies at points (..., 2)."""
        return self.energy(torch.from_numpy(at.reshape(-1, 2))).numpy().reshape(at.shape[:-1])

    def gradients(self, at: np.ndarray) -> np.ndarray:
        """Gradients at points (..., 2)."""
        return self.gradient(torch.from_numpy(at.reshape(-1, 2))).numpy().reshape(at.shape)

    def contains(self, at: np.ndarray) -> np.ndarray:
        """Whether points (..., 2) are in the box, whose rim is half a cell outside of the outermost nodes."""
        low, high = (np.array([axis[i] for axis in (self.xs, self.ys)]) for i in (0, -1))
        return ((at > low - self.cell / 2) & (at < high + self.cell / 2)).all(axis=-1)


def find_stationary_points(surface: Surface) -> tuple[tuple[StationaryPoint, ...], tuple[float, float] | None]:
    """The lowest minima (named A, B, … from the lowest) and saddles (named after the minima that they join).

    The second value is a point near which the energy is unbounded below, or None. Minima narrower than a grid cell may
    be missed; a circle or a line of equal minima counts as one minimum.
    """
    steep = np.linalg.norm(surface.gradients(np.stack(np.meshgrid(surface.xs, surface.ys), -1)), axis=-1)
    low_nodes, flat_nodes = _lowest(surface, surface.values), _lowest(surface, steep)
    typical = float(np.median(steep[np.isfinite(steep)]))
    smooth = _newton(surface, np.concatenate((low_nodes, flat_nodes)), len(low_nodes), typical)
    minima = [place for place in smooth if place.kind == "minimum"]
    unexplained = [at for at in low_nodes if not any(_explains(place, at, surface) for place in minima)]
    kinks, bottomless = _nonsmooth_minima(surface, unexplained) if unexplained else ([], None)
    curvature = typical / (len(surface.xs) * surface.cell.max())  # of a bowl with this gradient and width
    flat = 1e-6 * curvature
    minima = [
        replace(place, name=name, eigenvalues=tuple(0.0 if abs(value) < flat else value for value in place.eigenvalues))
        for name, place in zip(string.ascii_uppercase, _merged(minima + kinks, surface, flat)[:MOST], strict=False)
    ]
    saddles = _merged([place for place in smooth if place.kind == "saddle"], surface)
    return (*minima, *_named(saddles, minima, surface)[:MOST]), bottomless


def _lowest(surface: Surface, values: np.ndarray) -> np.ndarray:
    """The nodes whose value is not above those of their eight neighbours, the lowest first: (K, 2)."""
    wall = np.pad(np.where(np.isnan(values), np.inf, values), 1, constant_values=np.inf)
    height, width = values.shape
    around = np.min([wall[i : i + height, j : j + width] for i in range(3) for j in range(3)], axis=0)
    rows, columns = np.nonzero((values <= around) & np.isfinite(values))
    order = np.argsort(values[rows, columns], kind="stable")[:CANDIDATES]
    return np.stack((surface.xs[columns[order]], surface.ys[rows[order]]), axis=1)


def _newton(surface: Surface, at: np.ndarray, descending: int, steepness: float) -> list[StationaryPoint]:
    """Stationary points in the box, by Newton's method from the points `at` (K, 2).

    The first `descending` points move downhill only, the others to any stationary point. steepness: the typical norm
    of the gradient.
    """
    down, cell = (np.arange(len(at)) < descending)[:, None], surface.cell
    for _ in range(ROUNDS):
        gradients, step = _step(surface, at, down)
        at = at + step
    # Converged: a tiny gradient and a short step. (Newton's method converges slowly to a minimum that is flat to second
    # order, such as that of x⁴: there the gradient decides.)
    still = np.linalg.norm(gradients[:, 0], axis=1) <= 1e-9 * steepness
    # Exclude kinks: the computed gradient may be 0 at a kink, but not beside it.
    still &= np.linalg.norm(gradients - gradients[:, :1], axis=-1).max(axis=1) <= 1e-2 * steepness
    at = at[still & (np.abs(step) < 0.05 * cell).all(axis=1) & surface.contains(at)]
    if not len(at):
        return []
    energies, hessians = surface.energies(at), autograd_hessian(surface.energy)(torch.from_numpy(at), 0.0).numpy()
    places = []
    for where, energy, hessian in zip(at, energies, hessians, strict=True):
        if np.isfinite(energy) and np.isfinite(hessian).all():
            low, high = np.linalg.eigvalsh(hessian).tolist()
            places.append(StationaryPoint(kind_of((low, high)), "", _pair(where), (), float(energy), (low, high)))
    return places


def _step(surface: Surface, at: np.ndarray, down: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gradients (K, 5, 2) at and around points (K, 2), and Newton steps (K, 2), shortened to a cell.

    down (K, 1): use the absolute eigenvalues of the Hessian, so that the step goes downhill.
    """
    cell, h = surface.cell, 1e-4 * surface.cell
    gradients = surface.gradients(at[:, None] + np.array([[0, 0], [h[0], 0], [-h[0], 0], [0, h[1]], [0, -h[1]]]))
    hessian = np.stack(
        ((gradients[:, 1] - gradients[:, 2]) / (2 * h[0]), (gradients[:, 3] - gradients[:, 4]) / (2 * h[1])), -1
    )
    hessian = np.nan_to_num(hessian + hessian.swapaxes(1, 2), posinf=0.0, neginf=0.0) / 2
    values, vectors = np.linalg.eigh(hessian)
    least = 1e-9 * np.abs(values).max(axis=1, keepdims=True) + 1e-300
    values = np.where(np.abs(values) < least, least, np.where(down, np.abs(values), values))
    step = -np.einsum("kij,kj->ki", vectors, np.einsum("kji,kj->ki", vectors, gradients[:, 0]) / values)
    step = np.nan_to_num(step, posinf=0.0, neginf=0.0)
    return gradients, step / np.maximum(1.0, np.abs(step / cell).max(axis=1, keepdims=True))


def _explains(place: StationaryPoint, at: np.ndarray, surface: Surface) -> bool:
    """Whether this node is a local minimum of the grid because of the smooth minimum `place` near it."""
    near = np.abs(np.array(place.position) - at) <= 3 * surface.cell
    return bool(near.all()) and place.energy <= float(surface.energies(at)) + 1e-12 * (1 + abs(place.energy))


def _nonsmooth_minima(
    surface: Surface, starts: list[np.ndarray]
) -> tuple[list[StationaryPoint], tuple[float, float] | None]:
    """Minima that are kinks, and the lowest point where the energy is unbounded below (or None).

    Around each start, a grid of 5 × 5 points is repeatedly shrunk and centred on its lowest point.
    """
    steps = np.linspace(-1, 1, 5)
    pattern = np.stack(np.meshgrid(steps, steps), -1).reshape(-1, 2) * surface.cell
    at, history = np.array(starts), []
    for zoom in range(ZOOMS):
        around = at[:, None] + SHRINK**zoom * pattern
        energies = surface.energies(around)
        best = energies.argmin(axis=1)
        at = np.take_along_axis(around, best[:, None, None], 1)[:, 0]
        history.append(energies.min(axis=1))
    with np.errstate(invalid="ignore"):  # −inf − (−inf) is nan, which also counts as unbounded
        fall = history[2 * ZOOMS // 3] - history[-1]
    spread = np.ptp(surface.values[np.isfinite(surface.values)])
    places, bottomless = [], None
    for k in np.argsort(history[-1]):
        rim = surface.energies(at[k] + 1e-3 * pattern)
        if not fall[k] <= 1e-4 * spread:  # the last third, within 4e-5 of a cell, still went down
            bottomless = bottomless or _pair(at[k])
        elif np.isfinite(rim).all() and rim.min() >= history[-1][k] and surface.contains(at[k]):
            places.append(StationaryPoint("minimum", "", _pair(at[k]), (), float(history[-1][k])))
    return places, bottomless


def _merged(places: list[StationaryPoint], surface: Surface, flat: float = -math.inf) -> list[StationaryPoint]:
    """The places without duplicates, the lowest first.

    Neighbouring minima of equal energy on a flat line (lowest eigenvalue at most `flat`) are merged into one.
    """
    groups: list[list[StationaryPoint]] = []
    in_order = sorted(places, key=lambda place: (round(place.energy, 9), place.position))
    for place in in_order:
        is_flat = place.eigenvalues[0] <= flat
        reach = surface.cell * (8 if is_flat else 0.05)
        same = [
            group
            for group in groups
            if any(np.all(np.abs(np.subtract(place.position, other.position)) <= reach) for other in group)
            and (not is_flat or abs(group[0].energy - place.energy) <= 1e-9 * (1 + abs(place.energy)))
        ]
        # If a place is near several groups, they become one.
        groups = [group for group in groups if group not in same]
        groups.append([*itertools.chain(*same), place])
    return sorted((group[0] for group in groups), key=in_order.index)


def _named(saddles: list[StationaryPoint], minima: list[StationaryPoint], surface: Surface) -> list[StationaryPoint]:
    """The saddles, named after the two minima at which the descents from them end; a saddle with a descent that ends
    elsewhere is left out."""
    if not (saddles and minima):
        return []
    at, bottoms = (np.array([place.position for place in some]) for some in (saddles, minima))
    hessians = autograd_hessian(surface.energy)(torch.from_numpy(at), 0.0).numpy()
    away = np.linalg.eigh(hessians)[1][:, :, 0] * 0.3 * surface.cell.min()
    ends, named = np.concatenate((at - away, at + away)), []
    for _ in range(3 * len(surface.xs)):
        gaps = np.linalg.norm((ends[:, None] - bottoms) / surface.cell, axis=-1)  # (2 saddles, minima), in cells
        step = _step(surface, ends, np.array([[True]]))[1]
        arrived = (gaps.min(axis=1) < 1) | ~surface.contains(ends) | (np.abs(step) < 1e-3 * surface.cell).all(axis=1)
        if arrived.all():
            break
        ends = ends + np.where(arrived[:, None], 0.0, step)
    gaps = gaps.reshape(2, len(saddles), len(minima))
    for k, place in enumerate(saddles):
        if (gaps[:, k].min(axis=1) < 3).all():
            joins = tuple(sorted(minima[i].name for i in gaps[:, k].argmin(axis=1)))
            again = sum(other.joins == joins for other in named)
            named.append(replace(place, name=" | ".join(joins) + (f" ({again + 1})" if again else ""), joins=joins))
    return named


def _pair(at: np.ndarray) -> tuple[float, float]:
    return float(at[0]) + 0.0, float(at[1]) + 0.0  # not −0.0
