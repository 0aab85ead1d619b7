"""The coefficients of laws at the noise levels that were last asked for: one store for all laws of a process."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

from torch import Tensor

Coefficients = dict[str, Tensor]
OVERHEAD = 4_096  # bytes that the tensors and the key of an entry take beside their numbers


class Kept:
    """Most recently used coefficients, at most `most` bytes of them. Safe between threads.

    One store and not one a law: laws of visitors' data come and go, and no sum over them could be bounded.
    """

    def __init__(self, most: int) -> None:
        self.most, self.used = most, 0
        self._kept: OrderedDict[Hashable, tuple[Coefficients, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Coefficients]) -> Coefficients:
        """What is kept under the key, or what `make` makes, kept from now on. Never change it."""
        with self._lock:
            if (found := self._kept.get(key)) is not None:
                self._kept.move_to_end(key)
                return found[0]
        made = make()  # not under the lock: two threads may make the same, and neither waits
        size = OVERHEAD + sum(value.nbytes for value in made.values())
        with self._lock:
            self.used += size - self._kept.pop(key, (made, 0))[1]
            self._kept[key] = made, size
            while self.used > self.most:
                self.used -= self._kept.popitem(last=False)[1][1]
        return made

    def __len__(self) -> int:
        return len(self._kept)
