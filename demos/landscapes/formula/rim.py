"""The rim of a formula's box, and of larger ones: whether the formula rises there, and goes on rising."""

from __future__ import annotations

import math

import numpy as np

from demos.landscapes import Box
from demos.landscapes.formula.expression import Formula
from demos.landscapes.formula.words import FormulaError

BEYOND = (1.25, 1.5, 2.0, 3.0, 4.0, 6.0, 10.0, 30.0, 100.0, 1000.0)  # boxes, as multiples, that are looked at outside
TERMS = ("0.1*(x**2 + y**2)", "0.1*(x**4 + y**4)")  # that may hold together what falls apart


class TooSmallError(FormulaError):
    """The box holds no minimum that is clear of its rim, or the formula falls outside of it. No full stop yet."""


def rim_points(box: Box, count: int = 255) -> np.ndarray:
    """Points along the edge of a box, the corners among them, (4 count + 4, 2). An odd count leaves the middles out."""
    (left, right), (bottom, top) = box
    x, y = np.linspace(left, right, count + 1), np.linspace(bottom, top, count + 1)
    sides = ((x, 0 * x + bottom), (x, 0 * x + top), (0 * y + left, y), (0 * y + right, y))
    return np.concatenate([np.stack(side, 1) for side in sides])


def refined_rim(formula: Formula, box: Box, count: int = 255) -> tuple[np.ndarray, np.ndarray]:
    """Points (n, 2) along the rim and the formula there; around the lowest of each side more and more of them, so that
    a narrow valley is not missed."""
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
    """there: the formula at that place; lowest: inside the box."""
    rounding = 1e-9 * (1 + abs(lowest))
    how = "falls" if there < lowest - rounding else "stays level" if there < lowest + rounding else "hardly rises"
    return TooSmallError(f"This formula {what}: it {how} towards {place_words(at)}")


def check_beyond(formula: Formula, box: Box, lowest: float, edge: float) -> None:
    """Particles leave the box: it must not be lower outside, and must rise by more than a tanh does."""
    for factor in BEYOND:
        at, rim = refined_rim(formula, scaled(box, factor), 63)
        rim = np.where(np.isnan(rim), np.inf, rim)
        if not rim.min() > lowest + 0.5 * (edge - lowest):
            what = f"is lower outside the box {box_words(box)}"
            raise falling(at[rim.argmin()], what, float(rim.min()), lowest)
    if not rim.min() > edge + 0.1 * (edge - lowest):
        raise falling(at[rim.argmin()], "does not hold particles together", float(rim.min()), lowest)


def remedy(formula: Formula) -> str:
    """A term that makes the formula rise on all sides, far out; "" where none is known."""
    for term in TERMS:
        far = [refined_rim(formula, scaled(((-3.0, 3.0), (-3.0, 3.0)), factor), 63) for factor in (10.0, 100.0)]
        added = Formula.parse(term)
        near, further = (float(np.nanmin(rim + added.numpy(*at.T), initial=math.inf)) for at, rim in far)
        if 0 < near < further < math.inf:
            return f"; add a term like + {term}"
    return ""


def integration_box(formula: Formula, box: Box, level: float) -> Box:
    """The smallest multiple of the box whose rim is above the level."""
    for factor in (1.0, *BEYOND):
        wide = scaled(box, factor)
        rim = formula.numpy(*rim_points(wide, 63).T)
        if factor >= 10 or np.where(np.isnan(rim), np.inf, rim).min() > level:
            return wide
    raise AssertionError("the loop returns")


def place_words(at: np.ndarray | tuple[float, float]) -> str:
    """A place in words; what is 0 but for rounding as 0."""
    size = max(abs(float(value)) for value in at)
    shown = (0.0 if abs(value) < 1e-9 * size else float(value) for value in at)
    return "(" + ", ".join(f"{value:.3g}".replace("-", "−") for value in shown) + ")"


def box_words(box: Box) -> str:
    return " × ".join(f"[{low:g}, {high:g}]".replace("-", "−") for low, high in box)
