"""A bar on the error stream, where that is a terminal, and after a second: short work shows none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tqdm import tqdm

from demos.common.progress import Progress


@contextmanager
def bar(name: str) -> Iterator[Progress]:
    """A progress callback that moves the bar."""
    shape = "{desc} {percentage:3.0f} %|{bar}| {elapsed}, {remaining} to go"
    with tqdm(total=1, desc=name, delay=1, leave=False, disable=None, dynamic_ncols=True, bar_format=shape) as shown:

        def progress(done: float) -> None:
            shown.update(done - shown.n)

        yield progress
