"""Lines that grow from frame to frame: of any numbers, and of losses for several batch sizes."""

from __future__ import annotations

import numpy as np

from demos.picture import Lines
from demos.picture.colors import CATEGORIES

LEAST = 1e-12  # least loss that is drawn; a diverged run may give 0


def logs_of(losses: np.ndarray) -> np.ndarray:
    """log₁₀ of losses of any shape, which are clipped at LEAST."""
    return np.log10(np.maximum(losses, LEAST))


def colors_of(sizes: np.ndarray) -> np.ndarray:
    """A colour for each batch size, the same in every panel."""
    return np.arange(len(sizes)) % (CATEGORIES - 1)


def apart(places: np.ndarray, gap: float) -> np.ndarray:
    """places (n,) of labels, moved upwards in their order where two are closer than `gap`."""
    out, order = places.astype(float), np.argsort(places, kind="stable")
    for below, above in zip(order, order[1:], strict=False):
        out[above] = max(out[above], out[below] + gap)
    return out


def growing(x: np.ndarray, values: np.ndarray) -> np.ndarray:
    """(F, lines × F, 2) from x (F,) and values (F, lines): in each frame later points are nan. Each line has F points,
    so that line i starts at the index F × i."""
    frames, count = values.shape
    later = np.arange(frames)[:, None] < np.arange(frames)[None]
    lines = np.empty((frames, count, frames, 2), np.float32)
    lines[..., 0] = x
    lines[..., 1] = np.where(later[:, None], np.nan, values.T[None])
    return lines.reshape(frames, -1, 2)


def growing_lines(x: np.ndarray, values: np.ndarray, sizes: np.ndarray) -> Lines:
    """The layer of x (F,), values (F, sizes): a growing line for each batch size."""
    colors = colors_of(sizes)
    return Lines(
        "SGD",
        growing(x, values),
        starts=np.arange(len(sizes)) * len(x),
        labels=colors.astype(np.uint8),
        label_names=[f"{size}" for size in sizes],
        label_colors=list(colors),
        width=1.8,
    )
