"""Twenty visitors of mixed pages, each turning a control every two seconds: seconds to the picture, and to the end.

    python -m tests.benchmarks.bench_visitors [--visitors 20] [--seconds 60] [--pages langevin,diffusion]

Each stays on one page and turns the first slider of its main controls, and the seed along with it, so that no picture
is kept from before. A visitor whose picture is late turns on when he has it. `bench_stale` measures how soon a run that
was left ends, `bench_memory` how much memory ten visitors take.
"""

from __future__ import annotations

import argparse
import os
import random
import threading
import time
from collections import defaultdict

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from dashboard.frame.export_panel import proposals, turnable
from demos.contract import Family
from demos.registry import families
from tests.benchmarks.bench_memory import ready
from tests.benchmarks.serving import serving
from tests.dashboard.client import Visitor, elements, visitor

EVERY = 2.0  # seconds between two turns
MEDIAN, MOST = 1.0, 3.0  # seconds to the picture: at the median, and of 95 %
PATIENCE = 120.0
PICTURE = 1_000  # bytes; the page's other components are smaller


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--visitors", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--pages", default=",".join(families()), help="names, separated by commas")
    options = parser.parse_args()
    pages = options.pages.split(",")
    pictures, ends = defaultdict(list), defaultdict(list)
    faults: list[str] = []
    with serving() as (port, process):
        ready(port, process)
        begun = threading.Barrier(options.visitors)

        def stay(number: int) -> None:
            page, draws = pages[number % len(pages)], random.Random(number)
            try:
                with visitor(port) as one:
                    turn(one, page, "")
                    begun.wait(PATIENCE)
                    time.sleep(EVERY * draws.random())
                    until = time.monotonic() + options.seconds
                    while (start := time.monotonic()) < until:
                        shown, ended = turn(one, page, turned(families()[page], draws))
                        pictures[page].append(shown)
                        ends[page].append(ended)
                        time.sleep(max(0.0, EVERY - (time.monotonic() - start)))
            except BaseException as problem:
                faults.append(f"/{page}: {problem!r}")

        visits = [threading.Thread(target=stay, args=(number,)) for number in range(options.visitors)]
        for each in visits:
            each.start()
        for each in visits:
            each.join()
    for page in pages:
        print(f"/{page}: picture {said(pictures[page])}, end {said(ends[page])}")
    shown = [seconds for page in pages for seconds in pictures[page]]
    print(f"all: picture {said(shown)}, end {said([seconds for page in pages for seconds in ends[page]])}")
    print("\n".join(faults[:5]) or "no errors", f"load {os.getloadavg()[0]:.1f}", sep="; ")
    held = not faults and bool(shown) and quantile(shown, 0.5) <= MEDIAN and quantile(shown, 0.95) <= MOST
    print(f"bar: median ≤ {MEDIAN:g} s, 95 % ≤ {MOST:g} s, no errors: {'held' if held else 'MISSED'}")
    return held


def turned(family: Family, draws: random.Random) -> str:
    """A link to the default settings with the first slider of the main controls turned, and another seed."""
    config = family.default.config()
    controls = config.controls()
    name = next(
        name for name, one in controls.items()
        if one.group == "main" and one.kind in ("number", "whole") and turnable(name, one, config)
    )  # fmt: skip
    seed = {"seed": draws.randrange(10**6)} if "seed" in controls else {}
    while True:
        try:
            value = draws.choice(proposals(controls[name], getattr(config, name)))
            return family.query(config.replace(**{name: value}, **seed))
        except ValueError:  # these settings are refused together
            continue


def turn(one: Visitor, page: str, query: str) -> tuple[float, float]:
    """Seconds from asking to the picture, and to the end. Raises where there is a trace, or no picture."""
    one.ask(page, query)
    start, shown = time.monotonic(), None
    while True:
        message = ForwardMsg.FromString(one._socket.recv(timeout=PATIENCE))
        if elements([message], "exception"):
            raise AssertionError(f"{query}: {elements([message], 'exception')[0].type}")
        if any(len(part.bytes) > PICTURE for part in elements([message], "bidi_component")):
            shown = shown or time.monotonic() - start
        if message.WhichOneof("type") == "script_finished":
            assert shown is not None, f"{query} gave no picture"
            return shown, time.monotonic() - start


def quantile(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]


def said(values: list[float]) -> str:
    if not values:
        return "none"
    return f"{quantile(values, 0.5):.2f} s (95 %: {quantile(values, 0.95):.2f} s, {len(values)})"


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
