"""The background layers of a picture over a landscape: energy with contour lines, force, stationary points."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch

from demos.landscapes.energy_surface import Box, EnergySurface
from demos.landscapes.landscape import Landscape
from demos.picture import Arrows, Field, Markers

GRID = 96  # nodes of the energy on each side
CONTOURS = 12
ARROWS = 15  # on the longer side
MOST_NAMES = 30  # no names are shown if there are more stationary points
SATURATION = 8.0  # kT: the least range of energy that the colours span


@lru_cache(maxsize=8)
def background(landscape: Landscape, kT: float) -> tuple[Field, Arrows, Markers]:
    """The layers of a panel over `landscape.view`, in drawing order; the arrows are switched off at first."""
    return energy_field(landscape, kT), force_arrows(landscape), place_markers(landscape)


def view_grid(landscape: EnergySurface, view: Box | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The axes of fields over a view (by default the landscape's): x (GRID,) and y (GRID,)."""
    (x0, x1), (y0, y1) = view or landscape.view
    return np.linspace(x0, x1, GRID), np.linspace(y0, y1, GRID)


def energy_field(landscape: EnergySurface, kT: float = 0.0, view: Box | None = None) -> Field:
    """U with contour lines, over a view (by default the landscape's).

    The colour map covers the wells and saturates above them, where the spacing of the contour levels grows.
    """
    energy = landscape.on_grid(*view_grid(landscape, view))
    finite = energy[np.isfinite(energy)]
    low, high = float(finite.min()), float(np.quantile(finite, 0.995))
    middle = float(np.quantile(finite, 0.5)) - low
    levels = low + middle / 4 * np.expm1(np.linspace(0, np.log1p(4 * (high - low) / middle), CONTOURS + 2))[1:-1]
    limits = (low, low + max(middle, SATURATION * kT))
    return Field("Energy U", np.clip(energy, low, high), contours=levels.tolist(), limits=limits, opacity=0.75)


def force_arrows(landscape: Landscape) -> Arrows:
    """−∇U on a coarse grid. Lengths grow with the force but saturate at the spacing of the grid."""
    (x0, x1), (y0, y1) = landscape.view
    step = max((x1 - x0), (y1 - y0)) / ARROWS
    gx, gy = np.meshgrid(np.arange(x0 + step / 2, x1, step), np.arange(y0 + step / 2, y1, step))
    origins = np.stack([gx.ravel(), gy.ravel()], axis=1)
    force = np.nan_to_num(-landscape.gradient(torch.from_numpy(origins)).numpy(), nan=0.0, posinf=0.0, neginf=0.0)
    size = np.linalg.norm(force, axis=1, keepdims=True)
    length = 0.8 * step * size / (size + max(np.median(size), 1e-12))
    return Arrows("Force −∇U", origins, np.divide(force, size, out=np.zeros_like(force), where=size > 0) * length)


def place_markers(landscape: EnergySurface, view: Box | None = None) -> Markers:
    """Minima and saddles inside a view (by default the landscape's), with their names unless there are too many."""
    (x0, x1), (y0, y1) = view or landscape.view
    places = [
        place
        for place in landscape.stationary_points
        if place.kind != "maximum" and x0 <= place.position[0] <= x1 and y0 <= place.position[1] <= y1
    ]
    return Markers(
        "Minima and saddles",
        np.array([place.position for place in places]).reshape(-1, 2),
        [place.name if len(places) <= MOST_NAMES else "" for place in places],
        [place.kind for place in places],
    )


def has_equal_axes(landscape: EnergySurface) -> bool:
    """Whether x and y may have the same scale: False if the view would become a narrow strip."""
    (x0, x1), (y0, y1) = landscape.view
    return 0.5 < (y1 - y0) / (x1 - x0) < 1.6
