"""Points of a panel that the visitor may drag."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Handles:
    """Places that can be dragged with a pointer or the arrow keys: positions (K, 2), K up to 200, inside the panel.

    They stand still while the picture plays and are drawn over all other layers of their panel. Each move is reported
    with the layer's name and the handle's index; what else changes comes as a `Patch`.
    labels: a name for each, for those who listen; (): the layer's name with a number.
    colors: an index into the categorical map for each, -1 ink, -2 the accent; (): the accent.
    """

    name: str
    positions: np.ndarray
    labels: Sequence[str] = ()
    colors: Sequence[int] = ()
    shown: bool = True
