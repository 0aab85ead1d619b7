"""Hand-drawn strokes as points: spread along each stroke by its length, with the width of the brush."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from demos.diffusion.data.dataset import check_points

MOST_STROKES, MOST_CORNERS = 500, 20_000


def points_from_strokes(strokes: Sequence, count: int = 600, width: float = 0.0, seed: int = 0) -> np.ndarray:
    """(count, 2) points spread evenly over the length of all strokes, blurred by N(0, width²).

    strokes: each a sequence of corners (x, y); a single corner is a dot, and counts like a stroke as long as `width`.
    Raises ValueError, in one sentence, for what is no drawing.
    """
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
    if not lines or len(np.unique(np.concatenate(lines), axis=0)) < 2:
        raise ValueError("The drawing is a single point: draw at least a line, or two points.")
    ends = [(a, b) for line in lines for a, b in zip(line[:-1], line[1:], strict=True)]
    ends += [(line[0], line[0]) for line in lines if len(line) == 1]
    first, last = (np.array(side) for side in zip(*ends, strict=True))
    lengths = np.linalg.norm(last - first, axis=1)
    lengths = np.maximum(lengths, max(width, 1e-3 * lengths.sum(), 1e-300))
    random = np.random.default_rng([seed, 11])
    # one point in each of `count` equal parts of the whole length: even, but not a comb
    at = (np.arange(count) + random.random(count)) / count * lengths.sum()
    ending = np.cumsum(lengths)
    which = np.minimum(np.searchsorted(ending, at), len(lengths) - 1)
    along = (1 - (ending[which] - at) / lengths[which])[:, None]
    points = first[which] + along * (last - first)[which]
    points = points + width * random.standard_normal(points.shape)
    check_points(points)
    return points
