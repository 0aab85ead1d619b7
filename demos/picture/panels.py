"""Computations for panels of several demos."""

from __future__ import annotations

import numpy as np


def moving_histogram(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """The histogram of each frame as a density: (F, B) from values (F, N), over equal bins with edges (B + 1,).

    Values that are outside or not finite are in no bin but count in N, so a frame's density integrates to the fraction
    of its values inside. Draw it as Curve(name, edges, densities, stepped=True).
    """
    bins, low, high = len(edges) - 1, edges[0], edges[-1]
    with np.errstate(invalid="ignore", over="ignore"):
        place = np.floor((values - values.dtype.type(low)) * values.dtype.type(bins / (high - low)))
        inside = (place >= 0) & (place < bins)
    frames, count = values.shape
    index = np.where(inside, place, bins).astype(np.int64) + (bins + 1) * np.arange(frames)[:, None]
    counts = np.bincount(index.ravel(), minlength=frames * (bins + 1)).reshape(frames, bins + 1)[:, :bins]
    return counts / (count * np.diff(edges))
