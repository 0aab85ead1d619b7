"""The cache is bounded in number and in bytes, drops the least recently used, and is safe between threads."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from demos.common.bounded_cache import BoundedCache


def never():
    raise AssertionError("it is held already")


def test_the_least_recently_used_is_dropped():
    cache = BoundedCache(entries=2)
    for key in "ab":
        assert cache.get_or_make(key, lambda key=key: key * 2) == key * 2
    assert cache.get_or_make("a", never) == "aa"
    cache.put("c", "cc")
    assert len(cache) == 2 and cache.get("b") is None and cache.get("a") == "aa"
    with pytest.raises(AssertionError):
        cache.get_or_make("b", never)


def test_bytes_are_bounded_and_counted():
    cache = BoundedCache(size=100)
    cache.put("a", 1, 60)
    cache.put("b", 2, 60)
    assert cache.get("a") is None and cache.used == 60
    cache.put("b", 3, 10)  # in place of what it had
    assert (cache.used, cache.get("b")) == (10, 3)
    cache.put("b", 4, 1_000)  # larger than the cache: neither the new value nor the old one
    assert cache.get("b") is None and cache.used == 0


def test_values_are_taken_out():
    cache = BoundedCache(size=100)
    cache.put("a", 1, 60)
    assert cache.pop("a") == 1 and cache.pop("a") is None and cache.used == 0
    cache.put("b", 2, 30)
    cache.clear()
    assert len(cache) == 0 and cache.used == 0


def test_threads_that_make_and_drop_at_once():
    cache = BoundedCache(size=50)

    def work(turn):
        for i in range(3_000):
            key = (i * turn) % 17
            assert cache.get_or_make(key, lambda key=key: key + 1, lambda value: value) == key + 1

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, (1, 2, 3, 5)))
    finally:
        sys.setswitchinterval(before)
    assert 0 < cache.used <= 50
    for key in range(17):
        cache.pop(key)
    assert cache.used == 0
