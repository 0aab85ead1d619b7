"""Silent units: those of a rectified layer that are 0 for every sample, in each of the last measured batches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from torch import Tensor

MEMORY = 3  # measured batches in which a unit must be silent to count as dead


class SilentUnits:
    """Remembers the silent units of earlier steps; layers of the same number of units are kept in one table."""

    def __init__(self, layers: Sequence[int]) -> None:
        """layers: the indices of those that can have silent units."""
        self._place = {index: place for place, index in enumerate(layers)}
        self._layers = np.array(layers, dtype=int)
        self._seen: list[tuple[list[int], Tensor]] = []
        self._earlier: dict[int, list[np.ndarray]] = {}  # by number of units, latest first: (layers, units)

    def begin(self) -> None:
        """Begin a new step."""
        self._seen.clear()

    def add(self, layers: Sequence[int], silent: Tensor) -> None:
        """silent (n, units), boolean: of n outputs of these layers; one layer may be there several times."""
        self._seen.append(([self._place[index] for index in layers], silent))

    def finish(self, fractions: np.ndarray) -> None:
        """Set the fraction of silent units of the layers that were seen; fractions is by index of the layer."""
        for units, (places, now) in self._now().items():
            kept = self._earlier.setdefault(
                units, [np.ones((len(self._layers), units), dtype=bool) for _ in range(MEMORY - 1)]
            )
            if len(places) == len(self._layers):  # the usual case: all of them
                kept.insert(0, now)
                fractions[self._layers] = np.logical_and.reduce(kept).mean(1)
                kept.pop()
                continue
            fractions[self._layers[places]] = np.logical_and.reduce([now[places], *(x[places] for x in kept)]).mean(1)
            for place in reversed(range(1, MEMORY - 1)):
                kept[place][places] = kept[place - 1][places]
            kept[0][places] = now[places]

    def _now(self) -> dict[int, tuple[np.ndarray, np.ndarray]]:
        """By number of units: the places that were seen, ascending, and the silent units (layers, units) of this
        step."""
        found: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        if len(self._seen) == 1 and self._seen[0][0] == list(range(len(self._layers))):
            places, silent = self._seen[0]
            return {silent.shape[1]: (np.array(places), silent.cpu().numpy())}
        for places, silent in self._seen:
            shape = len(self._layers), silent.shape[1]
            known, now = found.get(shape[1], (np.zeros(0, dtype=int), np.ones(shape, dtype=bool)))
            np.logical_and.at(now, places, silent.cpu().numpy())
            found[shape[1]] = np.union1d(known, places), now
        return found
