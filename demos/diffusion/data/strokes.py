"""Hand-drawn strokes as points: spread along each stroke by its length, over the width of the brush; and an eraser."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from demos.diffusion.data.dataset import check_points
from demos.diffusion.data.encoding import EDGE, MOST_POINTS
from demos.diffusion.streams import PointStream, point_generator

MOST_STROKES, MOST_CORNERS = 500, 20_000
DENSITY, LEAST = 50, 12  # points of a stroke: a unit of its length, and at least


def add_stroke(points: np.ndarray, corners: Sequence, radius: float) -> np.ndarray:
    """Points (n, 2) and those of one more stroke, cut to [−6, 6]²: at most 2,000, thinned evenly beyond.

    The first stroke must be more than a dot. Raises ValueError, in one sentence, for what is no stroke.
    """
    lines = _lines([corners])
    if not len(points):
        _check_extent(lines)
    first, last = _pieces(lines)
    count = np.clip(round(DENSITY * float(np.linalg.norm(last - first, axis=1).sum())), LEAST, MOST_POINTS)
    seed = len(points)  # a stroke drawn twice is not the same points twice
    drawn = np.clip(_spread(lines, int(count), radius, seed), -EDGE, EDGE)
    both = np.concatenate([points, drawn]) if len(points) else drawn
    if len(both) > MOST_POINTS:
        both = both[np.sort(point_generator(seed, PointStream.THINNING).choice(len(both), MOST_POINTS, replace=False))]
    return both


def erase(points: np.ndarray, corners: Sequence, radius: float) -> np.ndarray:
    """The points farther than `radius` from the line of an eraser. Raises ValueError as `add_stroke` does."""
    kept = np.ones(len(points), dtype=bool)
    for a, b in zip(*_pieces(_lines([corners])), strict=True):
        along = np.clip((points - a) @ (b - a) / max(float((b - a) @ (b - a)), 1e-300), 0.0, 1.0)
        kept &= np.linalg.norm(points - a - along[:, None] * (b - a), axis=1) > radius
    return points[kept]


def points_from_strokes(strokes: Sequence, count: int = 600, width: float = 0.0, seed: int = 0) -> np.ndarray:
    """(count, 2) points spread evenly over the length of all strokes, each anywhere in a disc of radius `width` there.

    strokes: each a sequence of corners (x, y); a single corner is a dot, and counts like a stroke as long as `width`.
    Raises ValueError, in one sentence, for what is no drawing.
    """
    lines = _lines(strokes)
    _check_extent(lines)
    points = _spread(lines, count, width, seed)
    check_points(points)
    return points


def _lines(strokes: Sequence) -> list[np.ndarray]:
    """The corners of each stroke (n, 2), checked."""
    if len(strokes) > MOST_STROKES:
        raise ValueError(f"{len(strokes):,} strokes are more than {MOST_STROKES}.")
    lines = []
    for stroke in strokes:
        try:
            corners = np.asarray(stroke, dtype=float)
        except (TypeError, ValueError):
            raise ValueError("A stroke must be a list of points, each with two numbers.") from None
        if corners.ndim != 2 or corners.shape[1] != 2 or not np.isfinite(corners).all():
            raise ValueError("A stroke must be a list of points, each with two finite numbers.")
        lines.append(corners)
    if sum(map(len, lines)) > MOST_CORNERS:
        raise ValueError(f"The drawing has more than {MOST_CORNERS:,} corners.")
    return lines


def _check_extent(lines: list[np.ndarray]) -> None:
    if not lines or len(np.unique(np.concatenate(lines), axis=0)) < 2:
        raise ValueError("The drawing is a single point: draw at least a line, or two points.")


def _pieces(lines: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Both ends of each straight piece of the strokes, (m, 2) each; of a dot, the dot twice."""
    ends = [(a, b) for line in lines for a, b in zip(line[:-1], line[1:], strict=True)]
    ends += [(line[0], line[0]) for line in lines if len(line) == 1]
    return tuple(np.array([pair[i] for pair in ends]).reshape(-1, 2) for i in (0, 1))


def _spread(lines: list[np.ndarray], count: int, width: float, seed: int) -> np.ndarray:
    first, last = _pieces(lines)
    lengths = np.linalg.norm(last - first, axis=1)
    lengths = np.maximum(lengths, max(width, 1e-3 * lengths.sum(), 1e-300))
    random = point_generator(seed, PointStream.STROKE)
    # one point in each of `count` equal parts of the whole length: even, but not a comb
    at = (np.arange(count) + random.random(count)) / count * lengths.sum()
    ending = np.cumsum(lengths)
    which = np.minimum(np.searchsorted(ending, at), len(lengths) - 1)
    along = (1 - (ending[which] - at) / lengths[which])[:, None]
    points = first[which] + along * (last - first)[which]
    away, angle = width * np.sqrt(random.random(count)), 2 * np.pi * random.random(count)  # uniform in the disc
    return points + away[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
