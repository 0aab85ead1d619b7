"""Hand-drawn strokes as points, spread evenly over the length of each stroke and the width of the brush; an eraser."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from demos.diffusion.data.encoding import EDGE, MOST_POINTS
from demos.diffusion.streams import PointStream, point_generator

MOST_CORNERS = 20_000
DENSITY, LEAST = 50, 12  # points of a stroke: per unit of its length, and the fewest


def add_stroke(points: np.ndarray, corners: Sequence, radius: float) -> np.ndarray:
    """The points (n, 2) together with those of one more stroke, clipped to [−6, 6]².

    corners: the stroke as a polyline; radius: of the brush. More than 2,000 points are thinned evenly to 2,000. Raises
    ValueError where `corners` is no stroke, or where the first stroke is only a dot.
    """
    stroke = _checked(corners)
    if not len(points) and len(np.unique(stroke, axis=0)) < 2:
        raise ValueError("The drawing is a single point: draw at least a line, or two points.")
    first, last = _pieces(stroke)
    count = np.clip(round(DENSITY * float(np.linalg.norm(last - first, axis=1).sum())), LEAST, MOST_POINTS)
    seed = len(points)  # so that a stroke drawn twice gives different points
    drawn = np.clip(_spread(stroke, int(count), radius, seed), -EDGE, EDGE)
    both = np.concatenate([points, drawn]) if len(points) else drawn
    if len(both) > MOST_POINTS:
        both = both[np.sort(point_generator(seed, PointStream.THINNING).choice(len(both), MOST_POINTS, replace=False))]
    return both


def erase(points: np.ndarray, corners: Sequence, radius: float) -> np.ndarray:
    """The points that lie farther than `radius` from the eraser's path. Raises ValueError as `add_stroke` does."""
    outside = np.ones(len(points), dtype=bool)
    for a, b in zip(*_pieces(_checked(corners)), strict=True):
        along = np.clip((points - a) @ (b - a) / max(float((b - a) @ (b - a)), 1e-300), 0.0, 1.0)
        outside &= np.linalg.norm(points - a - along[:, None] * (b - a), axis=1) > radius
    return points[outside]


def _checked(stroke: Sequence) -> np.ndarray:
    """The corners of a stroke (n, 2)."""
    try:
        corners = np.asarray(stroke, dtype=float)
    except (TypeError, ValueError):
        raise ValueError("A stroke must be a list of points, each with two numbers.") from None
    if corners.ndim != 2 or corners.shape[1] != 2 or not np.isfinite(corners).all():
        raise ValueError("A stroke must be a list of points, each with two finite numbers.")
    if len(corners) > MOST_CORNERS:
        raise ValueError(f"The drawing has more than {MOST_CORNERS:,} corners.")
    return corners


def _pieces(corners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The start and the end of each straight segment of a stroke, (m, 2) each; for a dot both are the dot."""
    return (corners, corners) if len(corners) == 1 else (corners[:-1], corners[1:])


def _spread(corners: np.ndarray, count: int, width: float, seed: int) -> np.ndarray:
    """(count, 2) points spread evenly over the length of a stroke, each anywhere in a disc of radius `width` there."""
    first, last = _pieces(corners)
    lengths = np.linalg.norm(last - first, axis=1)
    lengths = np.maximum(lengths, max(width, 1e-3 * lengths.sum(), 1e-300))
    random = point_generator(seed, PointStream.STROKE)
    # one random point in each of `count` equal parts of the length: evenly spread, but not equally spaced
    at = (np.arange(count) + random.random(count)) / count * lengths.sum()
    ending = np.cumsum(lengths)
    which = np.minimum(np.searchsorted(ending, at), len(lengths) - 1)
    along = (1 - (ending[which] - at) / lengths[which])[:, None]
    points = first[which] + along * (last - first)[which]
    away, angle = width * np.sqrt(random.random(count)), 2 * np.pi * random.random(count)  # uniform in the disc
    return points + away[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
