"""Uploaded points of any unit, scaled into [−4, 4]²: each axis by its own factor where the units differ."""

from __future__ import annotations

import numpy as np

from demos.diffusion.data.dataset import HALF_WIDTH, check_points, fitted
from demos.diffusion.data.upload.table import plural

UNLIKE = 8.0  # ratio of the widths of the two axes from which their units are taken as different
FAR = 20.0  # distance of an outlier from the median, in interquartile ranges
FEW = 0.05  # largest share of points that may be outliers
EMPTIER = 4.0  # outliers are left out only if the box of the points shrinks by this factor without them
CODES = tuple(10.0**k - 1 for k in range(3, 8))  # 999, 9999, …, and their negatives, where a value is missing
_LEAST = 1e-9  # widths smaller than this, relative to the size of the numbers, are rounding


def outliers(points: np.ndarray) -> np.ndarray:
    """(n,) true where a point is an outlier: so far from the others that they would be drawn as a dot.

    At most a share FEW of the points, and only where the box of the points is EMPTIER times smaller without them. Codes
    of missing values, -999 or 9999, may be more."""
    low, middle, high = np.quantile(points, (0.25, 0.5, 0.75), axis=0)
    spread = high / 2 - low / 2
    with np.errstate(over="ignore", invalid="ignore"):
        far = (np.abs(points / 2 - middle / 2) > FAR * spread) & (spread > 0)
    away, coded = far.any(axis=1), (far & np.isin(np.abs(points), CODES)).any(axis=1)
    if not away.any() or (away & ~coded).sum() > max(1, FEW * len(points)) or len(points) - away.sum() < 4:
        return np.zeros(len(points), dtype=bool)
    shrinks = np.ptp(points / 2, axis=0) > EMPTIER * np.ptp(points[~away] / 2, axis=0)
    return away & bool(shrinks.any())


def placed(points: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """The points (m, 2) in [−4, 4]², a mask (n,) of the given points that they are, and notes for the visitor. Raises
    ValueError where they cannot be drawn."""
    check_points(points)
    notes = []
    kept = ~outliers(points)
    if not kept.all():
        worst = points[~kept][0]
        count = plural(int((~kept).sum()), "point")
        notes.append(f"Left out {count} very far from all others, such as ({worst[0]:.4g}, {worst[1]:.4g}).")
        points = points[kept]
        check_points(points)
    width = np.ptp(points / 2, axis=0) * 2
    size = np.abs(points).max(axis=0)
    ratio = width.max() / max(width.min(), 1e-300)
    if UNLIKE < ratio and (width > _LEAST * size).all() and np.isfinite(width).all() and width.min() > 1e-150:
        notes.append(
            f"Each axis is scaled by itself: x covers {width[0]:.3g}, y {width[1]:.3g}, so their units seem to differ."
        )
        low, high = points.min(axis=0), points.max(axis=0)
        return (points - (low / 2 + high / 2)) * (2 * HALF_WIDTH / width), kept, notes
    return fitted(points), kept, notes
