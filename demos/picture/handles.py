"""Points of a panel that the visitor may drag."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Handles:
    """Points that can be dragged with a pointer or the arrow keys: positions (K, 2), K ≤ 200, inside the panel.

    They do not move while the picture plays, and are drawn over all other layers of their panel. Each drag is reported
    with the layer's name and the handle's index; the answer is a `Patch` of what else changes.
    labels: a name for each, for screen readers; (): the layer's name with a number.
    colors: for each an index into the categorical map, -1: text colour, -2: accent; (): the accent.
    """

    name: str
    positions: np.ndarray
    labels: Sequence[str] = ()
    colors: Sequence[int] = ()
    shown: bool = True
