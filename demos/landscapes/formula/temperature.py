"""The temperature at which a formula's landscape is lively: a quarter of a barrier, where there is one."""

from __future__ import annotations

import math

import numpy as np

from demos.landscapes import Box, Place
from demos.landscapes.formula.expression import Formula
from demos.landscapes.formula.rim import rim_points

NODES = 64  # a side; an even number keeps the nodes off the middle, where a pole or a logarithm often sits
MOST_TOPS = 9


def on_grid(formula: Formula, box: Box) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    xs, ys = (low + (high - low) * (np.arange(NODES) + 0.5) / NODES for low, high in box)
    values = formula.numpy(xs[None, :], ys[:, None])
    return xs, ys, np.where(np.isnan(values), np.inf, values)


def suggested_temperature(formula: Formula, box: Box, places: tuple[Place, ...], edge: float) -> float:
    """A quarter of the lowest barrier, as in the double well, where there is one; barriers that are small beside the
    highest do not count. Else a quarter of the hill that a ring goes around; else the lesser of a quarter of the height
    half way to the rim, around the minimum, and an eighth of the height of the rim."""
    energies = {place.name: place.energy for place in places if place.kind == "minimum"}
    lowest = min(energies.values())
    between = [place for place in places if len({*place.joins}) == 2]
    if between:
        heights = [
            max(place.energy - max(energies[name] for name in place.joins), 0.1 * (place.energy - lowest))
            for place in between
        ]
        return float(f"{min(height for height in heights if height >= 0.1 * max(heights)) / 4:.2g}")
    (x, y), (left, right), (bottom, top) = places[0].position, *box
    hill = _hill(formula, box, places[0])
    if hill is not None:
        return float(f"{(hill - lowest) / 4:.2g}")
    width, height = (right - left) / 4, (top - bottom) / 4
    half = formula.numpy(*rim_points(((x - width, x + width), (y - height, y + height))).T)
    heights = [(edge - lowest) / 2, float(np.nanmin(half, initial=math.inf)) - lowest]
    heights = [height for height in heights if height > 1e-4 * (edge - lowest)]
    return float(f"{min(heights) / 4:.2g}")


def _hill(formula: Formula, box: Box, minimum: Place) -> float | None:
    """The energy of the hill that a ring of equal minima goes around, None where the minimum is no ring: the way
    straight on through the highest place inside leads to as low a place on the other side."""
    if not minimum.eigenvalues or abs(minimum.eigenvalues[0]) > 1e-6 * abs(minimum.eigenvalues[1]):
        return None
    xs, ys, values = on_grid(formula, box)
    inside = values[1:-1, 1:-1]
    around = np.max(
        [values[1 + i : NODES - 1 + i, 1 + j : NODES - 1 + j] for i, j in ((0, 1), (0, -1), (1, 0), (-1, 0))], 0
    )
    rows, columns = np.nonzero((inside > around - 1e-12 * np.abs(inside)) & np.isfinite(inside))
    tops = np.stack([xs[1 + columns], ys[1 + rows]], axis=1)[:MOST_TOPS]
    pattern = np.stack(np.meshgrid(*2 * [np.linspace(-1, 1, 5)]), -1).reshape(-1, 2) * (xs[1] - xs[0], ys[1] - ys[0])
    heights = []
    for top in tops:
        for zoom in range(20):
            tried = top + 0.6**zoom * pattern
            top = tried[np.nan_to_num(formula.numpy(*tried.T), nan=-np.inf).argmax()]
        heights.append(float(formula.numpy(*top)))
    return min(heights) if heights and min(heights) > minimum.energy else None
