"""Lines that grow from frame to frame, of losses for several batch sizes."""

from __future__ import annotations

import numpy as np

from demos.picture import Lines
from demos.picture.colors import CATEGORIES
from demos.picture.panels import growing

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
