"""Losses of several batch sizes as lines that grow with the clock."""

from __future__ import annotations

import numpy as np

from demos.picture import Lines
from demos.picture.colors import CATEGORIES

LEAST = 1e-12  # loss that is drawn; a broken run may give 0


def logs_of(losses: np.ndarray) -> np.ndarray:
    """log₁₀ of losses of any shape, from LEAST upwards."""
    return np.log10(np.maximum(losses, LEAST))


def colors_of(sizes: np.ndarray) -> np.ndarray:
    """One colour a batch size, the same in every panel."""
    return np.arange(len(sizes)) % (CATEGORIES - 1)


def growing_lines(x: np.ndarray, values: np.ndarray, sizes: np.ndarray) -> Lines:
    """x (F,), values (F, sizes): a line a size, and in each frame what is still to come is not there yet."""
    frames, colors = len(x), colors_of(sizes)
    later = np.arange(frames)[:, None] < np.arange(frames)[None]
    lines = np.empty((frames, len(sizes), frames, 2), np.float32)
    lines[..., 0] = x
    lines[..., 1] = np.where(later[:, None], np.nan, values.T[None])
    return Lines(
        "SGD",
        lines.reshape(frames, -1, 2),
        starts=np.arange(len(sizes)) * frames,
        labels=colors.astype(np.uint8),
        label_names=[f"{size}" for size in sizes],
        label_colors=list(colors),
        width=1.8,
    )
