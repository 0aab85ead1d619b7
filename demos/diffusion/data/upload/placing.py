"""Points of any units in the picture: fitted into [−4, 4]², each axis by itself where the units differ."""

from __future__ import annotations

import numpy as np

from demos.diffusion.data.dataset import HALF_WIDTH, check_points, fitted
from demos.diffusion.data.upload.table import plural

UNLIKE = 8.0  # how many times wider one axis is than the other where their units differ
FAR = 20.0  # quartile distances from the middle, of an outlier
FEW = 0.05  # of the points may be outliers
EMPTIER = 4.0  # without them the picture is so many times smaller
_LEAST = 1e-9  # of the size of the numbers: what is narrower is rounding


def outliers(points: np.ndarray) -> np.ndarray:
    """Which points (n,) lie so far away that the others would be a dot: a few only, and only where the picture gets
    several times smaller without them."""
    low, middle, high = np.quantile(points, (0.25, 0.5, 0.75), axis=0)
    spread = high / 2 - low / 2
    with np.errstate(over="ignore", invalid="ignore"):
        far = (np.abs(points / 2 - middle / 2) > FAR * spread) & (spread > 0)
    away = far.any(axis=1)
    if not away.any() or away.sum() > max(1, FEW * len(points)) or len(points) - away.sum() < 4:
        return np.zeros(len(points), dtype=bool)
    shrinks = np.ptp(points / 2, axis=0) > EMPTIER * np.ptp(points[~away] / 2, axis=0)
    return away & bool(shrinks.any())


def placed(points: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """The points (m, 2) in [−4, 4]², which of the given ones they are (n,), and what there is to say. Raises
    ValueError, in one sentence, where they cannot be drawn."""
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
