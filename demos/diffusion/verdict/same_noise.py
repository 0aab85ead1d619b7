"""The normal numbers that a run drew from its seed, made once more by other code.

`solve` documents its stream (`demos.gradient_flow.noise`): the bits of SFC64, and Box & Muller's formula in pieces of
2¹⁵ numbers. With the same numbers a sampler with noise is as predictable as one without.
"""

from __future__ import annotations

import math

import numpy as np

from demos.gradient_flow.noise import PIECE
from demos.gradient_flow.steppers import steps_in_block


class SameNoise:
    """The normals of a run of `points` points in the plane, from any of its steps on, for some of the points.

    taken: how many normals (N, 2) each step takes; provided: how many are drawn for it. What is left over is lost at
    the end of a block of steps.
    """

    def __init__(self, seed: int, points: int, taken: int, provided: int, members: np.ndarray):
        self._bits = np.random.SFC64(np.random.SeedSequence(seed).spawn(2)[0])
        self._points, self._taken, self._provided, self._members = points, taken, provided, members
        self._block = steps_in_block(2 * points)
        self._words: dict[int, np.ndarray] = {}  # those of the last pieces
        self._read_pieces = self._next = 0

    def seek(self, step: int) -> None:
        """Continue with the first normal of a step, which may not be before the last one that was given."""
        self._next = step * self._taken

    def standard_normal(self, size: tuple[int, ...]) -> np.ndarray:
        """The next normals (n, 2) of the members."""
        step, which = divmod(self._next, self._taken)
        block, within = divmod(step, self._block)
        self._next += 1
        at = 2 * self._points * ((block * self._block * self._provided) + within * self._taken + which)
        return np.stack([self._numbers(at + axis * self._points + self._members) for axis in (0, 1)], axis=1)

    def _numbers(self, indices: np.ndarray) -> np.ndarray:
        """The numbers of the stream at rising indices (n,): r sin θ in the first half of each piece, r cos θ in the
        other, r² = −2 ln u, with u in (0, 1] and θ in [−π, π) from 32 bits each."""
        first, last = int(indices[0]) // PIECE, int(indices[-1]) // PIECE
        self._read(first, last)
        words = np.concatenate([self._words[piece] for piece in range(first, last + 1)])
        at, half = indices - first * PIECE, PIECE // 2
        later = at % PIECE >= half
        of_radius = np.where(later, at - half, at)
        radius = np.sqrt(-2 * np.log((words[of_radius] + 1.0) / 2**32))
        angle = words[of_radius + half].view(np.int32) * (math.pi / 2**31)
        return radius * np.where(later, np.cos(angle), np.sin(angle))

    def _read(self, first: int, last: int) -> None:
        """Have the words of these pieces in memory, and none of those before them."""
        for piece in [piece for piece in self._words if piece < first]:
            del self._words[piece]
        for piece in range(max(first, self._read_pieces), last + 1):
            self._bits.random_raw((piece - self._read_pieces) * PIECE // 2, output=False)  # 64 bits are two words
            self._words[piece] = self._bits.random_raw(PIECE // 2).view(np.uint32)
            self._read_pieces = piece + 1
