"""Points as text: three bytes a point, twelve bits a coordinate over [−6, 6], so that data travel in a config.

Four characters a point. The grid is 1/341: finer than a pixel, and finer than any structure that 2,000 points show.
What is fitted fills [−4, 4]; a drawing may go beyond, for the pictures of most data are wider.
"""

from __future__ import annotations

import base64
import binascii

import numpy as np

from demos.diffusion.data.dataset import check_points, fitted

MOST_POINTS = 2_000
LETTERS = 4 * MOST_POINTS  # the longest text
EDGE = 6.0  # the farthest coordinate
_FINE, _MIDDLE, _LEVELS = 341, 2048, 4095  # steps a unit, so that 0, 4 and 6 lie on the grid; the step that is 0


def encode_points(points, fit: bool = True) -> str:
    """Points (n, 2), n ≤ 2,000, fitted into [−4, 4]², or cut to [−6, 6]². Raises ValueError, in one sentence, for what
    cannot be."""
    points = np.asarray(points, dtype=float)
    check_points(points)
    if len(points) > MOST_POINTS:
        raise ValueError(f"{len(points):,} points are more than {MOST_POINTS:,}.")
    placed = fitted(points) if fit else points.clip(-EDGE, EDGE)
    whole = np.rint(placed * _FINE + _MIDDLE).clip(0, _LEVELS).astype(np.uint32)
    words = whole[:, 0] << 12 | whole[:, 1]
    raw = np.stack([words >> 16, words >> 8 & 255, words & 255], axis=1).astype(np.uint8).tobytes()
    return base64.urlsafe_b64encode(raw).decode()


def decode_points(text: str) -> np.ndarray:
    """The points (n, 2) of a text. Raises ValueError, in one sentence, where it is none."""
    try:
        raw = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raw = b""
    if not raw or len(raw) % 3:
        raise ValueError("The text of the points is not one that this page wrote.")
    if len(raw) > 3 * MOST_POINTS:
        raise ValueError(f"{len(raw) // 3:,} points are more than {MOST_POINTS:,}.")
    three = np.frombuffer(raw, np.uint8).reshape(-1, 3).astype(np.uint32)
    words = three[:, 0] << 16 | three[:, 1] << 8 | three[:, 2]
    points = (np.stack([words >> 12, words & _LEVELS], axis=1).astype(float) - _MIDDLE) / _FINE
    check_points(points)
    return points
