"""Computations for panels of several demos."""

from __future__ import annotations

import numpy as np


def moving_histogram(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """The histogram of each frame as a density: (F, B) from values (F, N), over equal bins with edges (B + 1,).

    Values that are outside or not finite are in no bin but count in N, so a frame's density integrates to the fraction
    of its values inside. Draw it as Curve(name, edges, densities, stepped=True).
    """
    bins, low, high = len(edges) - 1, edges[0], edges[-1]
    counts = np.empty((len(values), bins))
    with np.errstate(invalid="ignore", over="ignore"):
        for frame, count in zip(values, counts, strict=True):  # one by one: all at once would need 40 bytes a value
            place = np.floor((frame - values.dtype.type(low)) * values.dtype.type(bins / (high - low)))
            inside = (place >= 0) & (place < bins)
            count[:] = np.bincount(place[inside].astype(np.int64), minlength=bins)
    return counts / (values.shape[1] * np.diff(edges))


def growing(x: np.ndarray, values: np.ndarray) -> np.ndarray:
    """(F, lines × F, 2) from x (F,) and values (F, lines): in each frame later points are nan. Each line has F points,
    so that line i starts at the index F × i."""
    frames, count = values.shape
    later = np.arange(frames)[:, None] < np.arange(frames)[None]
    lines = np.empty((frames, count, frames, 2), np.float32)
    lines[..., 0] = x
    lines[..., 1] = np.where(later[:, None], np.nan, values.T[None])
    return lines.reshape(frames, -1, 2)
