"""Whether a formula rises on the rim of its box, and continues to rise on the rims of larger boxes."""

from __future__ import annotations

import math

import numpy as np

from demos.landscapes import Box
from demos.landscapes.formula.expression import Formula
from demos.landscapes.formula.words import FormulaError

BEYOND = (1.25, 1.5, 2.0, 3.0, 4.0, 6.0, 10.0, 30.0, 100.0, 1000.0)  # the larger boxes, in multiples of the box
TERMS = ("0.1*(x**2 + y**2)", "0.1*(x**4 + y**4)")  # suggestions for a formula that does not confine particles


class TooSmallError(FormulaError):
    """The box has no minimum clearly below its rim, or the formula is lower outside. The message has no full stop."""


def rim_points(box: Box, count: int = 255) -> np.ndarray:
    """Points on the rim of a box, (4 count + 4, 2), with the corners; an odd count avoids the midpoints."""
    (left, right), (bottom, top) = box
    x, y = np.linspace(left, right, count + 1), np.linspace(bottom, top, count + 1)
    sides = ((x, 0 * x + bottom), (x, 0 * x + top), (0 * y + left, y), (0 * y + right, y))
    return np.concatenate([np.stack(side, 1) for side in sides])


def refined_rim(formula: Formula, box: Box, count: int = 255) -> tuple[np.ndarray, np.ndarray]:
    """Points (n, 2) on the rim and the formula there (n,), refined around the lowest point of each side, so that a
    narrow valley is not missed."""
    at = rim_points(box, count)
    values = formula.numpy(*at.T)
    more = [at]
    for side in at.reshape(4, -1, 2):
        spacing, middle = side[1] - side[0], side
        for _ in range(6):
            low = np.where(np.isnan(found := formula.numpy(*middle.T)), np.inf, found)
            middle = np.clip(middle[low.argmin()] + np.linspace(-1, 1, 33)[:, None] * spacing, side[0], side[-1])
            spacing = spacing / 12
            more.append(middle)
    at = np.concatenate(more)
    return at, np.concatenate([values, formula.numpy(*at[len(values) :].T)])


def scaled(box: Box, factor: float) -> Box:
    return tuple(
        ((low + high) / 2 - factor * (high - low) / 2, (low + high) / 2 + factor * (high - low) / 2)
        for low, high in box
    )


def falling(at: np.ndarray, what: str, there: float, lowest: float) -> TooSmallError:
    """The error for a formula that does not rise towards the point `at`.

    what: what this means, as in "is lower outside the box"; there: its value at that point; lowest: its minimum.
    """
    rounding = 1e-9 * (1 + abs(lowest))
    how = "falls" if there < lowest - rounding else "stays level" if there < lowest + rounding else "hardly rises"
    return TooSmallError(f"This formula {what}: it {how} towards {place_words(at)}")


def check_beyond(formula: Formula, box: Box, lowest: float, edge: float) -> None:
    """Raise TooSmallError if the formula is lower outside the box, or does not continue to rise (like tanh).

    lowest: its minimum in the box; edge: its minimum on the rim.
    """
    for factor in BEYOND:
        at, rim = refined_rim(formula, scaled(box, factor), 63)
        rim = np.where(np.isnan(rim), np.inf, rim)
        if not rim.min() > lowest + 0.5 * (edge - lowest):
            what = f"is lower outside the box {box_words(box)}"
            raise falling(at[rim.argmin()], what, float(rim.min()), lowest)
    if not rim.min() > edge + 0.1 * (edge - lowest):
        raise falling(at[rim.argmin()], "does not hold particles together", float(rim.min()), lowest)


def remedy(formula: Formula) -> str:
    """Advice to add a term that makes the formula rise on all sides, as the end of a sentence; "" if none is known."""
    for term in TERMS:
        far = [refined_rim(formula, scaled(((-3.0, 3.0), (-3.0, 3.0)), factor), 63) for factor in (10.0, 100.0)]
        added = Formula.parse(term)
        near, further = (float(np.nanmin(rim + added.numpy(*at.T), initial=math.inf)) for at, rim in far)
        if 0 < near < further < math.inf:
            return f"; add a term like + {term}"
    return ""


def integration_box(formula: Formula, box: Box, level: float) -> Box:
    """The smallest multiple of the box (up to 10) on whose rim the formula is above `level`."""
    for factor in (1.0, *BEYOND):
        wide = scaled(box, factor)
        rim = formula.numpy(*rim_points(wide, 63).T)
        if factor >= 10 or np.where(np.isnan(rim), np.inf, rim).min() > level:
            return wide
    raise AssertionError("the loop returns")


def place_words(at: np.ndarray | tuple[float, float]) -> str:
    """A point as text; a coordinate that is 0 up to rounding is written as 0."""
    size = max(abs(float(value)) for value in at)
    shown = (0.0 if abs(value) < 1e-9 * size else float(value) for value in at)
    return "(" + ", ".join(f"{value:.3g}".replace("-", "−") for value in shown) + ")"


def box_words(box: Box) -> str:
    return " × ".join(f"[{low:g}, {high:g}]".replace("-", "−") for low, high in box)
