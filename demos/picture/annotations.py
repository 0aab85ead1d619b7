"""Text in a picture: annotations at features of a panel, and marks on the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Annotation:
    """`text` at the point (x, y), in the panel's coordinates.

    frames: the first and last frame in which it is shown, both included; None: all frames. align: which part of the
    text is at x, "left", "center" or "right". color: index into the categorical colour map; -1: the text colour, -2:
    the accent colour.
    """

    text: str
    x: float
    y: float
    frames: tuple[int, int] | None = None
    align: str = "left"
    color: int = -1


@dataclass(frozen=True)
class Mark:
    """A mark on the timeline: a value of the clock, and a label of what happens there.

    A value beyond the clock's last one is shown at the end of the timeline, with an arrow.
    """

    value: float
    label: str


def frames_within(clock: Sequence[float] | np.ndarray, low: float, high: float) -> tuple[int, int] | None:
    """The first and last frame whose clock value lies in [low, high]; None if there is none."""
    values = np.asarray(clock, dtype=float)
    inside = np.flatnonzero((values >= low) & (values <= high))
    return (int(inside[0]), int(inside[-1])) if len(inside) else None
