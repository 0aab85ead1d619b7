"""The default temperature of a formula's landscape: a quarter of a barrier, if there is one."""

from __future__ import annotations

import math

import numpy as np

from demos.landscapes import Box, StationaryPoint
from demos.landscapes.formula.expression import Formula
from demos.landscapes.formula.rim import rim_points

NODES = 64  # on each side; an even number avoids the centre, where there is often a pole or a logarithm
MOST_TOPS = 9


def on_grid(formula: Formula, box: Box) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    xs, ys = (low + (high - low) * (np.arange(NODES) + 0.5) / NODES for low, high in box)
    values = formula.numpy(xs[None, :], ys[:, None])
    return xs, ys, np.where(np.isnan(values), np.inf, values)


def suggested_temperature(formula: Formula, box: Box, places: tuple[StationaryPoint, ...], edge: float) -> float:
    """The default kT: a quarter of the lowest barrier, without those below a tenth of the highest.

    Without barriers: a quarter of the hill inside a ring of minima, or of the rim if that is lower; else the smaller of
    a quarter of the height half way to the rim and an eighth of the height of the rim. edge: the lowest energy on the
    rim.
    """
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
    if hill is not None:  # it may be a pole, and the rim a plateau
        return float(f"{min(hill - lowest, edge - lowest) / 4:.2g}")
    width, height = (right - left) / 4, (top - bottom) / 4
    half = formula.numpy(*rim_points(((x - width, x + width), (y - height, y + height))).T)
    heights = [(edge - lowest) / 2, float(np.nanmin(half, initial=math.inf)) - lowest]
    heights = [height for height in heights if height > 1e-4 * (edge - lowest)]
    return float(f"{min(heights) / 4:.2g}")


def _hill(formula: Formula, box: Box, minimum: StationaryPoint) -> float | None:
    """The energy of the hill inside a ring of equal minima: the lowest of the local maxima; None if the minimum is not
    part of a ring (its lower eigenvalue is not 0)."""
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
