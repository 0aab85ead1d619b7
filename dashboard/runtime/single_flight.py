"""Work that all visitors of one process share: done once, kept while there is room, two at a time.

Nothing in here knows Streamlit. A caller gives `on_wait`, called at least every 50 ms while it waits; an exception
out of it (the visitor moved on) or out of the work itself leaves every lock and place free, and a visitor who waited
for that very work takes it over.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from dashboard.runtime.places import POLL, Places
from demos.common.bounded_cache import BoundedCache


@dataclass(frozen=True)
class Waiting:
    """Why a visitor waits: `same` work is being done for another visitor, or all places are taken."""

    same: bool


OnWait = Callable[[Waiting], None]


class Shared:
    """`do(key, work)`: from the store, or from the visitor who is already at it, or by doing it now."""

    def __init__(
        self,
        entries: int = 64,
        size: int = 64 << 20,
        at_once: int = 2,
        places: Places | None = None,
        urgent: bool = True,
    ) -> None:
        """places: those of several stores together, instead of `at_once` for this one alone. Work that holds a place
        must not ask for another. urgent: whether a visitor waits for this work before anything else."""
        self.store: BoundedCache[Any] = BoundedCache(entries=entries, size=size)
        self._places = places or Places(at_once)
        self._urgent = urgent
        self._lock = threading.Lock()
        self._under_way: dict[Hashable, threading.Event] = {}

    def do(
        self,
        key: Hashable,
        work: Callable[[], tuple[Any, float]],
        on_wait: OnWait = lambda _: None,
        visitor: Hashable = None,
        urgent: bool | None = None,
    ) -> Any:
        """The value of `work`, which returns (value, bytes); values are shared, so they must never be changed.

        visitor: who asks; urgent: else that of the store. The first part of a key is the kind of work.
        """
        urgent = self._urgent if urgent is None else urgent
        kind = key[0] if isinstance(key, tuple) and key else key
        while True:
            with self._lock:
                value = self.store.get(key)
                if value is not None:
                    return value
                done = self._under_way.get(key)
                if done is None:
                    self._under_way[key] = mine = threading.Event()
                    break
            while not done.wait(POLL):
                on_wait(Waiting(same=True))
            # Another visitor's work ended, well or not: look again, and do it here if it is not in the store.
        try:
            with self._places.one(urgent, lambda: on_wait(Waiting(same=False)), visitor, kind):
                value, size = work()
            self.store.put(key, value, size)
            return value
        finally:
            with self._lock:
                del self._under_way[key]
            mine.set()
