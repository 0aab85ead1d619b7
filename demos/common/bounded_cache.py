"""A thread-safe cache of the most recently used values, bounded in number and in bytes."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar, cast

V = TypeVar("V")


class BoundedCache(Generic[V]):
    """A thread-safe mapping from keys to values (not None) that drops the least recently used ones.

    entries: the largest number of values; size: the largest sum of their sizes in bytes, which the callers state.
    All callers get the same object: they must not change it.
    """

    def __init__(self, *, entries: float = math.inf, size: float = math.inf) -> None:
        self.entries, self.size = entries, size
        self._values: OrderedDict[Hashable, tuple[V, float]] = OrderedDict()
        self._used = 0.0
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> V | None:
        """The value, which becomes the most recently used; None if there is none."""
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key][0]

    def put(self, key: Hashable, value: V, size: float = 0.0) -> None:
        """Store `value`, of `size` bytes, in place of the old one. A value larger than the cache is not stored."""
        with self._lock:
            self._remove(key)
            if size > self.size:
                return
            self._values[key] = (value, size)
            self._used += size
            while self._used > self.size or len(self._values) > self.entries:
                self._used -= self._values.popitem(last=False)[1][1]

    def get_or_make(self, key: Hashable, make: Callable[[], V], size_of: Callable[[V], float] = lambda _: 0.0) -> V:
        """The value, made by `make` and stored if missing. `make` runs without the lock: two threads may call it."""
        value = self.get(key)
        if value is None:
            value = make()
            self.put(key, value, size_of(value))
        return value

    def pop(self, key: Hashable) -> V | None:
        """Remove the value and return it; None if there is none."""
        with self._lock:
            return self._remove(key)

    def clear(self) -> None:
        with self._lock:
            self._values.clear()
            self._used = 0.0

    @property
    def used(self) -> float:
        """The sum of the sizes of all values, in bytes."""
        return self._used

    def __len__(self) -> int:
        return len(self._values)

    def _remove(self, key: Hashable) -> V | None:
        value, size = self._values.pop(key, (None, 0.0))
        self._used -= size
        return cast("V | None", value)
