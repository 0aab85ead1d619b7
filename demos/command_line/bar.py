"""A progress bar on the error stream, shown if that is a terminal and the work takes more than a second."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tqdm import tqdm

from demos.common.progress import Progress


@contextmanager
def bar(name: str) -> Iterator[Progress]:
    """A context that shows a bar with this name; its value is the progress callback that moves the bar."""
    shape = "{desc} {percentage:3.0f} %|{bar}| {elapsed}, {remaining} to go"
    with tqdm(total=1, desc=name, delay=1, leave=False, disable=None, dynamic_ncols=True, bar_format=shape) as shown:

        def progress(done: float) -> None:
            shown.update(done - shown.n)

        yield progress
