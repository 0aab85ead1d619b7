"""Words in the picture, tied to its features and its clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Annotation:
    """Words at a feature: `text` at (x, y) in the panel's coordinates.

    frames: the first and last frame in which it is shown, both included; None: in all. align: which end of the words
    stands at x, "left", "center" or "right". color: index into the categorical map, -1 ink, -2 the accent.
    """

    text: str
    x: float
    y: float
    frames: tuple[int, int] | None = None
    align: str = "left"
    color: int = -1


@dataclass(frozen=True)
class Mark:
    """A moment on the timeline: a value of the clock, and what happens there.

    A value beyond the clock's last one is named at the end of the timeline, with an arrow.
    """

    value: float
    label: str


def frames_within(clock: Sequence[float] | np.ndarray, low: float, high: float) -> tuple[int, int] | None:
    """The first and last frame whose clock value lies in [low, high]; None where there is none."""
    values = np.asarray(clock, dtype=float)
    inside = np.flatnonzero((values >= low) & (values <= high))
    return (int(inside[0]), int(inside[-1])) if len(inside) else None
