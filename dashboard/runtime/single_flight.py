"""A cache shared by all visitors of a process: each value is computed once, by one visitor while others wait for it.

This module does not depend on Streamlit. A caller passes `on_wait`, which is called at least every 50 ms while it
waits. An exception raised by it (the visitor moved on) or by the work itself frees every lock and place; a visitor who
waited for the same value then computes it.
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
    """Why a visitor waits. same: True if another visitor is computing the same value, False if all places are taken."""

    same: bool


OnWait = Callable[[Waiting], None]


class Shared:
    """A bounded cache whose `do(key, work)` computes each missing value in only one thread at a time."""

    def __init__(
        self,
        entries: int = 64,
        size: int = 64 << 20,
        at_once: int = 2,
        places: Places | None = None,
        urgent: bool = True,
    ) -> None:
        """entries, size: the bounds of the cache; size in bytes. at_once: how much work is done at the same time.
        places: the `Places` that this cache shares with others, instead of `at_once` places of its own. Work that holds
        a place must not ask for another. urgent: whether this work goes before work that is not urgent."""
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
        """The value of `key`: from the cache, or from another thread that is computing it, or by calling `work`.

        work: returns (value, size in bytes). Values are shared: never change them. visitor: who is charged with the
        time. urgent: replaces the cache's own setting. The first element of a key names the kind of work.
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
            # The other thread has ended, with or without a value: look again, and compute it here if it is missing.
        try:
            with self._places.one(urgent, lambda: on_wait(Waiting(same=False)), visitor, kind):
                value, size = work()
            self.store.put(key, value, size)
            return value
        finally:
            with self._lock:
                del self._under_way[key]
            mine.set()
