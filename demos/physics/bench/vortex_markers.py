"""A layer of moving vortices: each has the same index in every frame while it exists, so that it moves smoothly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from demos.common.progress import checkpoint
from demos.picture import Markers

MOST_MARKED = 160  # most vortices that are marked in one frame: more would hide the field
SYMBOLS = {1: "plus", -1: "minus"}


def vortex_markers(found: Sequence[tuple[np.ndarray, np.ndarray]], same: float, size: float = np.inf) -> Markers:
    """The layer. found: positions (K, 2) and charges (K,) in each frame. same: the largest distance that a vortex moves
    between two frames. size: side of a periodic square; infinite without periodicity."""
    slots: list[np.ndarray] = []  # (F, 2) each
    signs: list[int] = []
    alive: dict[int, np.ndarray] = {}
    for frame, (places, charges) in enumerate(found):
        checkpoint()
        before, alive = alive, {}
        if len(charges) > MOST_MARKED:
            continue
        for sign in SYMBOLS:
            here = places[charges == sign]
            old = [slot for slot in before if signs[slot] == sign]
            taken = _matched([before[slot] for slot in old], here, same, size)
            free = [s for s, other in enumerate(signs) if other == sign and s not in before and s not in alive]
            for i, place in enumerate(here):
                if i in taken:
                    slot = old[taken[i]]
                elif free:
                    slot = free.pop()
                else:
                    slot = len(slots)
                    slots.append(np.full((len(found), 2), np.nan))
                    signs.append(sign)
                slots[slot][frame] = place
                alive[slot] = place
    positions = np.stack(slots, 1) if slots else np.full((len(found), 1, 2), np.nan)
    symbols = [SYMBOLS[sign] for sign in signs] or ["plus"]
    return Markers("vortices", positions, [""] * len(symbols), symbols)


def _matched(before: list[np.ndarray], here: np.ndarray, same: float, size: float) -> dict[int, int]:
    """index -> index of the same vortex in the earlier frame, by the assignment of least squared distances"""
    if not before or not len(here):
        return {}
    apart = np.abs(here[:, None] - np.array(before)[None])
    square = np.square(np.minimum(apart, size - apart)).sum(-1)
    rows, columns = linear_sum_assignment(np.minimum(square, 4 * same**2))
    return {int(i): int(j) for i, j in zip(rows, columns, strict=True) if square[i, j] <= same**2}
