"""A formula as a Landscape, if it can confine particles: finite, with a minimum in the box, rising on all sides."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import torch
from torch import Tensor

from demos.landscapes import Box, Landscape
from demos.landscapes.formula.box import box_of
from demos.landscapes.formula.expression import Formula
from demos.landscapes.formula.rim import (
    TooSmallError,
    box_words,
    check_beyond,
    falling,
    integration_box,
    place_words,
    refined_rim,
    remedy,
    scaled,
)
from demos.landscapes.formula.temperature import NODES, on_grid, suggested_temperature
from demos.landscapes.formula.words import FormulaError
from demos.landscapes.search import Surface, find_stationary_points

BOX: Box = ((-3.0, 3.0), (-3.0, 3.0))
WIDER = (1.5, 2.0, 3.0, 5.0, 10.0, 33.0)  # multiples of BOX that are tried if it is too small
HUGE = 1e30  # the largest value: single precision, used for particles, ends at 3e38
ROUNDED = 0.1  # fraction of nodes that may be undefined in single precision only, by rounding at the domain's edge
CLEAR = 0.02  # least height of the rim of a good box over the lowest minimum, relative to the typical height
LEAST = 1e-7  # the same for any box; less is rounding
STIFFEST = 2e5  # the largest curvature at a minimum: larger ones would need steps below 1e-6, the least allowed


def formula_landscape(text: str, box: Box | None = None) -> Landscape:
    """The landscape of a formula. Raises FormulaError, with one sentence, if it is not a formula or does not confine.

    box: the box of the picture; None: the one after a ";" in the text, else [−3, 3]², else the first wider one with a
    minimum clearly inside.

    On a grid over the box, and on the rims of larger boxes, this checks that the formula does not overflow in the box,
    has a minimum there and is bounded below, and rises around the box and farther out, so that exp(−U/kT) can be
    normalised. Where the formula has no real value (log of a negative number), the energy is +inf: a wall.
    Stationary points are found numerically (`demos.landscapes.search`); wells are basins of steepest descent on a grid.
    """
    formula = Formula.parse(text)
    chosen = box or box_of(text)
    if chosen is not None:
        try:
            return _landscape(formula, chosen, LEAST)
        except TooSmallError as problem:
            raise FormulaError(f"{problem}; choose another box.") from None
    for factor in (1.0, *WIDER):
        try:
            return _landscape(formula, _closer(formula, scaled(BOX, factor)), CLEAR)
        except TooSmallError:
            continue
        except FormulaError:
            if factor == 1.0:
                raise
            break  # wider boxes overflow, too
    refused: TooSmallError | None = None
    for factor in (1.0, *WIDER):  # for narrow curved valleys, such as Rosenbrock's, which are low on every rim
        try:
            return _landscape(formula, scaled(BOX, factor), LEAST)
        except TooSmallError as problem:
            refused = refused or problem
        except FormulaError:
            if refused is None:
                raise
            break
    raise FormulaError(f"{refused}{remedy(formula)}.")


def _closer(formula: Formula, box: Box) -> Box:
    """The box; if it is wide and its minima are close together, a smaller one around them."""
    if box[0][1] <= 2 * BOX[0][1]:
        return box
    (left, right), (bottom, top) = (_span(minima, BOX[0][1]) for minima in _minima(formula, box))
    closer = ((left, right), (bottom, top))
    if (right - left) * (top - bottom) > 0.5 * (box[0][1] - box[0][0]) ** 2:
        return box
    try:
        _landscape(formula, closer, CLEAR)
    except FormulaError:
        return box
    return closer


def _minima(formula: Formula, box: Box) -> np.ndarray:
    """Coordinates (2, K) of the minima in a box."""
    xs, ys, values = on_grid(formula, box)
    places, _ = find_stationary_points(Surface(partial(_energy, formula), formula.gradient, xs, ys, values))
    return np.array([place.position for place in places if place.kind == "minimum"] or [(0.0, 0.0)]).T


def _span(coordinates: np.ndarray, least: float) -> tuple[float, float]:
    """An interval with integer ends around the coordinates; its margins are half their range, and at least `least`."""
    low, high = float(coordinates.min()), float(coordinates.max())
    room = max(least, 0.5 * (high - low))
    return math.floor(low - room), math.ceil(high + room)


def _landscape(formula: Formula, box: Box, clear: float) -> Landscape:
    """The landscape of a formula in this box. Raises FormulaError; TooSmallError if another box may be better."""
    energy = partial(_energy, formula)
    xs, ys = (low + (high - low) * (np.arange(NODES) + 0.5) / NODES for low, high in box)
    values = formula.numpy(xs[None, :], ys[:, None])
    rim_at, rim = refined_rim(formula, box)
    _check_finite(np.stack(np.meshgrid(xs, ys), -1).reshape(-1, 2), values.ravel())
    _check_finite(rim_at, rim)
    _check_single(
        formula,
        np.concatenate([np.stack(np.meshgrid(xs, ys), -1).reshape(-1, 2), rim_at]),
        np.concatenate([values.ravel(), rim]),
    )
    values, rim = (np.where(np.isnan(part), np.inf, part) for part in (values, rim))
    if not np.isfinite(values).any():
        raise FormulaError(f"This formula has no real value anywhere in the box {box_words(box)}.")

    places, hole = find_stationary_points(Surface(energy, formula.gradient, xs, ys, values))
    if hole is not None:
        raise FormulaError(f"This formula falls without end near {place_words(hole)}.")
    minima = [place for place in places if place.kind == "minimum"]
    lowest = min([float(values.min()), *(place.energy for place in minima)])
    edge, typical = float(rim.min()), float(np.median(values[np.isfinite(values)])) - lowest
    if not edge > lowest + clear * typical:
        raise falling(rim_at[rim.argmin()], f"has no clear minimum inside the box {box_words(box)}", edge, lowest)
    check_beyond(formula, box, lowest, edge)
    if not minima or minima[0].energy > lowest + 1e-9 * (1 + abs(lowest)):
        at = np.unravel_index(values.argmin(), values.shape)
        raise FormulaError(
            f"The lowest place of this formula, near {place_words((xs[at[1]], ys[at[0]]))}, is no minimum: "
            "it lies on a cliff, or where the formula ceases to have a real value."
        )
    kT = suggested_temperature(formula, box, places, edge)
    landscape = Landscape(
        name="formula",
        title="Your formula",
        sentence="The energy that you wrote.",
        formula=formula.latex(),
        energy=energy,
        gradient=formula.gradient,
        view=box,
        box=integration_box(formula, box, minima[0].energy + 120 * kT),
        kT=kT,
        kT_range=(kT / 10, 4 * kT),
        approximate_points=places,
        cells=96,
    )
    if landscape.curvature > STIFFEST:
        raise FormulaError(
            f"This formula is too steep: the curvature {landscape.curvature:.2g} at a minimum needs steps shorter than "
            "1e-6; multiply it by a smaller number."
        )
    return landscape


def _energy(formula: Formula, x: Tensor, t: float = 0.0) -> Tensor:
    value = formula.energy(x)
    return value.masked_fill(value.isnan(), math.inf)


def _check_finite(at: np.ndarray, values: np.ndarray) -> None:
    huge = ~np.isnan(values) & ~(np.abs(values) < HUGE)
    if huge.any():
        raise FormulaError(f"This formula overflows at {place_words(at[huge.argmax()])}.")


def _check_single(formula: Formula, at: np.ndarray, values: np.ndarray) -> None:
    """Raise FormulaError if a part of the formula overflows in single precision, which is used for particles."""
    points = torch.from_numpy(at.astype(np.float32))
    energy, single = formula.energy(points).numpy(), formula.gradient(points).numpy()
    gradients = formula.gradient(torch.from_numpy(at)).numpy()
    known = np.isfinite(values) & np.isfinite(gradients).all(axis=1) & (np.abs(gradients) < HUGE).all(axis=1)
    lost = known & np.isinf(energy)
    unreal = known & ~lost & (np.isnan(energy) | ~np.isfinite(single).all(axis=1))
    if unreal.sum() > ROUNDED * known.sum():  # fewer can be due to rounding at the edge of the domain
        lost |= unreal
    if lost.any():
        raise FormulaError(
            f"A part of this formula overflows in single precision (beyond 3e38) at "
            f"{place_words(at[lost.argmax()])}: write it with smaller numbers."
        )
