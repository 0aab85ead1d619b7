"""What several demos draw into their panels."""

from __future__ import annotations

import numpy as np


def moving_histogram(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Densities (F, B) of the rows of values (F, N) over equal bins with edges (B + 1,), all frames at once.

    What is outside or not finite is in no bin, but counts among the N: the densities of a frame sum to the share of
    its values inside. Draw it as Curve(name, edges, densities, stepped=True).
    """
    bins, low, high = len(edges) - 1, edges[0], edges[-1]
    with np.errstate(invalid="ignore", over="ignore"):
        place = np.floor((values - values.dtype.type(low)) * values.dtype.type(bins / (high - low)))
        inside = (place >= 0) & (place < bins)
    frames, count = values.shape
    index = np.where(inside, place, bins).astype(np.int64) + (bins + 1) * np.arange(frames)[:, None]
    counts = np.bincount(index.ravel(), minlength=frames * (bins + 1)).reshape(frames, bins + 1)[:, :bins]
    return counts / (count * np.diff(edges))
