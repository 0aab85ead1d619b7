"""From the start of the server to its first visitor's picture, for a client without a browser.

    python -m tests.benchmarks.bench_first_picture [--page langevin] [--repeats 3]

Put `chrt -r 10` before it where others work on the machine.
"""

from __future__ import annotations

import argparse
import os
import time
from statistics import median

from tests.benchmarks.serving import serving
from tests.dashboard.client import elements, visitor

BAR, PICTURE = 3.0, 100_000  # seconds; bytes: the least of a picture, to tell it from the page's other components


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--page", default="langevin")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    times = [first(options.page) for _ in range(options.repeats)]
    held = median(times) <= BAR
    print(f"/{options.page}: {', '.join(f'{one:.2f}' for one in times)} s; load {os.getloadavg()[0]:.1f}")
    print(f"median {median(times):.2f} s; bar: ≤ {BAR:g}: {'held' if held else 'MISSED'}")
    return held


def first(page: str) -> float:
    """Seconds, of a new server."""
    begin = time.monotonic()
    with serving() as (port, _), visitor(port) as one:
        one.ask(page)
        while True:
            shown = elements(one.read("bidi_component"), "bidi_component")
            if len(shown[-1].bytes) > PICTURE:
                return time.monotonic() - begin


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
