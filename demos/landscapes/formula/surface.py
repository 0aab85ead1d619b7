"""A formula as a Landscape, if it can hold particles: finite, with a minimum in the box, rising all around."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import torch
from torch import Tensor

from demos.landscapes import Box, Landscape, Place
from demos.landscapes.formula.expression import Formula
from demos.landscapes.formula.reader import FormulaError
from demos.landscapes.search import Surface, find_places

BOX: Box = ((-3.0, 3.0), (-3.0, 3.0))
NODES = 64  # a side; an even number keeps the nodes off the middle, where a pole or a logarithm often sits
HUGE = 1e30  # single precision, in which clouds move, ends at 3e38
ROUNDED = 0.1  # of the nodes may lie at the edge of the domain, on one side in double precision, not in single
CLEAR = 0.02  # the rim must stand at least this part of the typical height above the lowest minimum
BEYOND = (1.25, 1.5, 2.0, 3.0, 4.0, 6.0, 10.0, 30.0, 100.0, 1000.0)  # boxes, as multiples, that are looked at outside


def formula_landscape(text: str, box: Box = BOX) -> Landscape:
    """The landscape of a formula; raises FormulaError in one sentence if it is none, or can hold no particles.

    What it checks on a grid over the box and along the rims of larger ones: that the formula does not overflow in
    the box, that it has a minimum there with a bottom, and that it rises around the box and goes on rising, so that
    exp(−U/kT) can be normalised. Where it has no real value (log of less than 0) its energy counts as +inf: a wall.
    Places are found numerically (demos.landscapes.search); wells are basins of steepest descent on a grid.
    """
    formula = Formula.parse(text)
    energy = partial(_energy, formula)
    xs, ys = (low + (high - low) * (np.arange(NODES) + 0.5) / NODES for low, high in box)
    values = formula.numpy(xs[None, :], ys[:, None])
    rim_at = _rim(box)
    rim = formula.numpy(*rim_at.T)
    _check_finite(np.stack(np.meshgrid(xs, ys), -1).reshape(-1, 2), values.ravel())
    _check_finite(rim_at, rim)
    _check_single(
        formula,
        np.concatenate([np.stack(np.meshgrid(xs, ys), -1).reshape(-1, 2), rim_at]),
        np.concatenate([values.ravel(), rim]),
    )
    values, rim = (np.where(np.isnan(part), np.inf, part) for part in (values, rim))
    if not np.isfinite(values).any():
        raise FormulaError(f"This formula has no real value anywhere in the box {_box(box)}.")

    typical = float(np.median(values[np.isfinite(values)]) - values.min())
    lowest, edge = float(values.min()), float(rim.min())
    if not edge > lowest + CLEAR * typical:
        raise _falls(rim_at[rim.argmin()], f"has no clear minimum inside the box {_box(box)}")
    _check_beyond(formula, box, lowest, edge)

    places, hole = find_places(Surface(energy, formula.gradient, xs, ys, values))
    minima = [place for place in places if place.kind == "minimum"]
    if hole is not None:
        raise FormulaError(f"This formula falls without end near {_at(hole)}.")
    if not minima or minima[0].energy > lowest + 1e-9 * (1 + abs(lowest)):
        at = np.unravel_index(values.argmin(), values.shape)
        raise FormulaError(
            f"The lowest place of this formula, near {_at((xs[at[1]], ys[at[0]]))}, is no minimum: "
            "it lies on a cliff, or where the formula ceases to have a real value."
        )
    kT = _temperature(formula, box, places, edge)
    return Landscape(
        name="formula",
        title="Your formula",
        sentence="The energy that you wrote.",
        formula=formula.latex(),
        energy=energy,
        gradient=formula.gradient,
        view=box,
        box=_integration_box(formula, box, minima[0].energy + 120 * kT),
        kT=kT,
        kT_range=(kT / 10, 4 * kT),
        known=places,
        cells=96,
    )


def _energy(formula: Formula, x: Tensor, t: float = 0.0) -> Tensor:
    value = formula.energy(x)
    return value.masked_fill(value.isnan(), math.inf)


def _rim(box: Box, count: int = 255) -> np.ndarray:
    """Points along the edge of a box, the corners among them, (4 count + 4, 2). An odd count leaves the middles out."""
    (left, right), (bottom, top) = box
    x, y = np.linspace(left, right, count + 1), np.linspace(bottom, top, count + 1)
    sides = ((x, 0 * x + bottom), (x, 0 * x + top), (0 * y + left, y), (0 * y + right, y))
    return np.concatenate([np.stack(side, 1) for side in sides])


def _scaled(box: Box, factor: float) -> Box:
    return tuple(
        ((low + high) / 2 - factor * (high - low) / 2, (low + high) / 2 + factor * (high - low) / 2)
        for low, high in box
    )


def _check_finite(at: np.ndarray, values: np.ndarray) -> None:
    huge = ~np.isnan(values) & ~(np.abs(values) < HUGE)
    if huge.any():
        raise FormulaError(f"This formula overflows at {_at(at[huge.argmax()])}.")


def _check_single(formula: Formula, at: np.ndarray, values: np.ndarray) -> None:
    """Particles move in single precision: no part of the formula may overflow there, though the whole would not."""
    points = torch.from_numpy(at.astype(np.float32))
    energy, single = formula.energy(points).numpy(), formula.gradient(points).numpy()
    gradients = formula.gradient(torch.from_numpy(at)).numpy()
    known = np.isfinite(values) & np.isfinite(gradients).all(axis=1) & (np.abs(gradients) < HUGE).all(axis=1)
    lost = known & np.isinf(energy)
    unreal = known & ~lost & (np.isnan(energy) | ~np.isfinite(single).all(axis=1))
    if unreal.sum() > ROUNDED * known.sum():  # fewer lie at the edge of the domain, by rounding alone
        lost |= unreal
    if lost.any():
        raise FormulaError(
            f"A part of this formula overflows in single precision (beyond 3e38) at "
            f"{_at(at[lost.argmax()])}: write it with smaller numbers."
        )


def _check_beyond(formula: Formula, box: Box, lowest: float, edge: float) -> None:
    """Particles leave the box: it must not be lower outside, and must rise by more than a tanh does."""
    for factor in BEYOND:
        at = _rim(_scaled(box, factor), 63)
        rim = formula.numpy(*at.T)
        rim = np.where(np.isnan(rim), np.inf, rim)
        if not rim.min() > lowest + 0.5 * (edge - lowest):
            raise _falls(at[rim.argmin()], f"is lower outside the box {_box(box)}")
    if not rim.min() > edge + 0.1 * (edge - lowest):
        raise _falls(at[rim.argmin()], "does not hold particles together")


def _falls(at: np.ndarray, what: str) -> FormulaError:
    return FormulaError(
        f"This formula {what}: it falls or stays level towards {_at(at)}; add a term like + 0.1*(x**2 + y**2)."
    )


def _temperature(formula: Formula, box: Box, places: tuple[Place, ...], edge: float) -> float:
    """The least of: a quarter of the lowest barrier, as in the double well; a quarter of the height half way to the
    rim; an eighth of the height of the rim."""
    energies = {place.name: place.energy for place in places}
    lowest = min(energies.values())
    half = formula.numpy(*_rim(_scaled(box, 0.5)).T)
    heights = [(edge - lowest) / 2, float(np.nanmin(half, initial=math.inf)) - lowest]
    between = (place for place in places if len({*place.joins}) == 2)
    heights += [place.energy - max(energies[name] for name in place.joins) for place in between]
    return float(f"{min(height for height in heights if height > 1e-4 * (edge - lowest)) / 4:.2g}")


def _integration_box(formula: Formula, box: Box, level: float) -> Box:
    """The smallest multiple of the box whose rim is above the level."""
    for factor in (1.0, *BEYOND):
        wide = _scaled(box, factor)
        rim = formula.numpy(*_rim(wide, 63).T)
        if factor >= 10 or np.where(np.isnan(rim), np.inf, rim).min() > level:
            return wide
    raise AssertionError("the loop returns")


def _at(at: np.ndarray | tuple[float, float]) -> str:
    return "(" + ", ".join(f"{float(value):.3g}".replace("-", "−") for value in at) + ")"


def _box(box: Box) -> str:
    return " × ".join(f"[{low:g}, {high:g}]".replace("-", "−") for low, high in box)
