"""Points as text: three bytes a point, twelve bits a coordinate over [−6, 6], so that data travel in a config.

Four characters a point. The grid is 1/341: finer than a pixel, and finer than any structure that 2,000 points show.
What is fitted fills [−4, 4]; a drawing may go beyond, for the pictures of most data are wider.
"""

from __future__ import annotations

import numpy as np

from demos.common.url_arrays import decode_array, encode_array
from demos.diffusion.data.dataset import check_points, fitted

MOST_POINTS = 2_000
LETTERS_A_POINT = 4
LETTERS = LETTERS_A_POINT * MOST_POINTS  # the longest text
EDGE = 6.0  # the farthest coordinate
_BITS = 12  # of a coordinate
_LEVELS = 2**_BITS - 1
_FINE, _MIDDLE = 341, 2048  # steps a unit, so that 0, 4 and 6 lie on the grid; the step that is 0


def count_points(text: str) -> int:
    """How many points a text holds."""
    return len(text) // LETTERS_A_POINT


def encode_points(points, fit: bool = True) -> str:
    """Points (n, 2), n ≤ 2,000, fitted into [−4, 4]², or cut to [−6, 6]². Raises ValueError, in one sentence, for what
    cannot be."""
    points = np.asarray(points, dtype=float)
    check_points(points)
    if len(points) > MOST_POINTS:
        raise ValueError(f"{len(points):,} points are more than {MOST_POINTS:,}.")
    placed = fitted(points) if fit else points.clip(-EDGE, EDGE)
    return encode_array(np.rint(placed * _FINE + _MIDDLE).clip(0, _LEVELS), _BITS)


def decode_points(text: str) -> np.ndarray:
    """The points (n, 2) of a text. Raises ValueError, in one sentence, where it is none."""
    levels = decode_array(text, 2, _BITS, "points")
    if len(levels) > MOST_POINTS:
        raise ValueError(f"{len(levels):,} points are more than {MOST_POINTS:,}.")
    points = (levels.astype(float) - _MIDDLE) / _FINE
    check_points(points)
    return points
