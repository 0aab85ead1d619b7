"""Points as text: three bytes a point, twelve bits a coordinate over [−6, 6], so that data travel in a config.

Four characters a point. The grid is 1/341: finer than a pixel, and finer than any structure that 2,000 points show.
What is fitted fills [−4, 4]; a drawing may go beyond, for the pictures of most data are wider.

Where the points have classes, they stand class by class, and after them ".name:count" for each class.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from demos.common.url_arrays import decode_array, encode_array
from demos.diffusion.data.dataset import COLORS, check_points, fitted

MOST_POINTS = 2_000
LETTERS_A_POINT = 4
CLASS_LETTERS = 16  # longest name of a class, in characters
LETTERS = LETTERS_A_POINT * MOST_POINTS + COLORS * (CLASS_LETTERS + 6)  # the longest text
EDGE = 6.0  # the largest coordinate that can be encoded
_BITS = 12  # bits of one coordinate
_LEVELS = 2**_BITS - 1
_FINE, _MIDDLE = 341, 2048  # steps per unit, so that 0, 4 and 6 lie on the grid; the step that encodes 0


def count_points(text: str) -> int:
    """How many points a text holds."""
    return len(text.partition(".")[0]) // LETTERS_A_POINT


def count_classes(text: str) -> int:
    """How many classes a text names; 1 where it names none."""
    return max(1, text.count("."))


def encode_points(points, fit: bool = True, labels=None, names: Sequence[str] = ()) -> str:
    """The text of points (n, 2), n ≤ 2,000: fitted into [−4, 4]² if `fit`, else clipped to [−6, 6]².

    labels (n,): indices into `names` (at most eight), or None. Raises ValueError for points or classes that cannot be
    encoded."""
    points = np.asarray(points, dtype=float)
    check_points(points)
    if len(points) > MOST_POINTS:
        raise ValueError(f"{len(points):,} points are more than {MOST_POINTS:,}.")
    tail = ""
    if labels is not None:
        labels = np.asarray(labels)
        if len(names) > COLORS:
            raise ValueError(f"{len(names)} classes are more than {COLORS}.")
        points = points[np.argsort(labels, kind="stable")]
        counts = [int((labels == i).sum()) for i in range(len(names))]
        tail = "".join(f".{_plain(name)}:{count}" for name, count in zip(names, counts, strict=True) if count)
        tail = tail if tail.count(".") > 1 else ""
    placed = fitted(points) if fit else points.clip(-EDGE, EDGE)
    return encode_array(np.rint(placed * _FINE + _MIDDLE).clip(0, _LEVELS), _BITS) + tail


def _plain(name: str) -> str:
    return re.sub(r"[.:]", " ", name)[:CLASS_LETTERS].strip() or "class"


def decode_classes(text: str) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """The labels (n,) of a text's points and the names of their classes; None and () where the text names none. Raises
    ValueError where the classes do not fit the points."""
    rows = [part.rpartition(":") for part in text.split(".")[1:]]
    if not rows:
        return None, ()
    counts = [int(count) if re.fullmatch(r"[1-9][0-9]{0,3}", count) else 0 for _, _, count in rows]
    if not 2 <= len(rows) <= COLORS or 0 in counts or sum(counts) != count_points(text):
        raise ValueError("The classes in the text of the points are not what this page wrote.")
    return np.repeat(np.arange(len(rows)), counts), tuple(name[:CLASS_LETTERS] for name, _, _ in rows)


def decode_points(text: str) -> np.ndarray:
    """The points (n, 2) of a text. Raises ValueError where the text encodes no points."""
    levels = decode_array(text.partition(".")[0], 2, _BITS, "points")
    if len(levels) > MOST_POINTS:
        raise ValueError(f"{len(levels):,} points are more than {MOST_POINTS:,}.")
    points = (levels.astype(float) - _MIDDLE) / _FINE
    check_points(points)
    return points
