"""A drawn start of a phase field, encoded as text (40 × 40 points of two bits) so that it can be a field of the config.

The grid of the run is finer: `demos.physics.phase_field.starts.drawn` interpolates the drawing to it.
"""

from __future__ import annotations

import numpy as np

from demos.common.url_arrays import decode_array, encode_array

SIDE = 40  # points a side
VALUES = np.array([-1.0, -1 / 3, 1 / 3, 1.0])  # the values that two bits encode
BITS = 2  # bits of a point; a byte holds four points
LETTERS = 534  # length of the text


def draw_stroke(field: np.ndarray | None, points: np.ndarray, radius: float, mode: str) -> np.ndarray:
    """The drawing (SIDE, SIDE), row 0 at the bottom, after one more stroke.

    field: the drawing before; None for an empty one, −1 everywhere. points (K, 2): corners (x, y) of the stroke in
    units of the box, 0 to 1; radius: of the brush, likewise. mode: "add" paints +1, "erase" −1, "clear" empties the
    drawing. The brush wraps around the periodic edges. Raises ValueError for another mode, or corners that are not
    finite numbers.
    """
    if mode not in ("add", "erase", "clear"):
        raise ValueError(f"mode = {mode!r} must be add, erase or clear.")
    result = np.full((SIDE, SIDE), -1.0) if field is None or mode == "clear" else field.copy()
    if mode == "clear":
        return result
    corners = np.asarray(points, dtype=float).reshape(-1, 2)
    if not len(corners) or not np.isfinite(corners).all():
        raise ValueError("A stroke must be a list of places, each with two finite numbers.")
    axis = (np.arange(SIDE) + 0.5) / SIDE
    reach = max(radius, 0.75 / SIDE)  # a brush finer than the picture's points still leaves a mark
    for x, y in _along(corners, reach / 2):
        apart_x, apart_y = axis - x, axis - y
        apart_x -= np.round(apart_x)
        apart_y -= np.round(apart_y)
        inside = apart_y[:, None] ** 2 + apart_x[None, :] ** 2 <= reach * reach
        result[inside] = 1.0 if mode == "add" else -1.0
    return result


def _along(corners: np.ndarray, step: float) -> np.ndarray:
    """Points along a stroke, at most `step` apart."""
    parts = [corners[:1]]
    for a, b in zip(corners[:-1], corners[1:], strict=True):
        count = max(1, int(np.ceil(np.linalg.norm(b - a) / step)))
        parts.append(a + (b - a) * np.linspace(0, 1, count + 1)[1:, None])
    return np.concatenate(parts)


def encode_drawing(field: np.ndarray) -> str:
    """The drawing (SIDE, SIDE), values in [−1, 1], as text. Raises ValueError for another shape or values."""
    field = np.asarray(field, dtype=float)
    if field.shape != (SIDE, SIDE) or not np.abs(field).max() <= 1:  # also nan
        raise ValueError(f"A drawing must be {SIDE} × {SIDE} numbers from −1 to 1.")
    return encode_array(np.rint((field.ravel() + 1) * 1.5).reshape(-1, 4), BITS)


def read_drawing(text: str) -> np.ndarray:
    """The drawing (SIDE, SIDE) of a text. Raises ValueError where the text encodes none."""
    levels = decode_array(text, 4, BITS, "drawing")
    if levels.size != SIDE * SIDE:
        raise ValueError("The text of the drawing is not one that this page wrote.")
    return VALUES[levels.ravel()].reshape(SIDE, SIDE)
