"""The server's processor time for one interaction: a seed and one control changed at a page's default settings.

    python -m tests.benchmarks.bench_interaction [--repeats 15] [--against ../another-checkout] [--json FILE]

A visitor without a browser asks a warm server for pages that no cache knows. The processor's clock of the server's
process is read when the picture arrives and when the run of the script has ended: wall-clock time of a busy machine
says little, processor time says what one visitor costs the others. `--against` measures another checkout too, in turn
with this one, so that both see the same machine. Linux alone has such a clock.
"""

from __future__ import annotations

import argparse
import json
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.benchmarks.race import machine
from tests.benchmarks.serving import ROOT, serving
from tests.dashboard.client import Visitor, visitor

CONTROLS = {
    "langevin": ("temperature", (0.2, 0.25, 0.3, 0.35, 0.4)),
    "diffusion": ("evaluations", (12, 20, 30, 35, 40)),
    "energy": ("count", (8, 9, 10, 11, 12)),
}
BARS = {"langevin": 110.0, "diffusion": 130.0, "energy": 200.0}  # ms, to the end
WARM_UP = 3


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--pages", nargs="+", default=list(CONTROLS), choices=list(CONTROLS))
    parser.add_argument("--against", type=Path, help="folder of another checkout, measured in turn with this one")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    roots = {"here": ROOT} | ({"there": options.against.resolve()} if options.against else {})
    found = measure(roots, options.pages, options.repeats)
    print(f"{'ms of the processor, median':28}  {'to the picture':>14}  {'to the end':>10}  {'bar':>5}")
    for (place, page), rows in found.items():
        picture, end = (median(times) for times in zip(*rows, strict=True))
        print(f"{f'{place} /{page}':28}  {picture:14.0f}  {end:10.0f}  {BARS[page]:5.0f}")
    if options.json:
        rows = {f"{place} {page}": times for (place, page), times in found.items()}
        options.json.write_text(json.dumps({"machine": machine(), "milliseconds": rows}, indent=1))
    return all(median(end for _, end in rows) <= BARS[page] for (place, page), rows in found.items() if place == "here")


def measure(roots: dict[str, Path], pages: list[str], repeats: int) -> dict[tuple[str, str], list[tuple[float, float]]]:
    """(checkout, page) -> for each interaction the milliseconds to the picture and to the end."""
    found: dict[tuple[str, str], list[tuple[float, float]]] = {(place, page): [] for page in pages for place in roots}
    with ExitStack() as stack:
        servers = {place: stack.enter_context(serving(root=root)) for place, root in roots.items()}
        for page in pages:
            visitors = {place: stack.enter_context(visitor(port)) for place, (port, _) in servers.items()}
            for guest in visitors.values():
                guest.ask(page)
                guest.read("script_finished", 300)
            control, values = CONTROLS[page]
            for round_ in range(WARM_UP + repeats):
                query = f"{control}={values[round_ % len(values)]:g}&seed={1000 + round_}"
                for place, guest in visitors.items():
                    row = interaction(guest, servers[place][1], page, query)
                    if round_ >= WARM_UP:
                        found[place, page].append(row)
    return found


def interaction(guest: Visitor, process: int, page: str, query: str) -> tuple[float, float]:
    """Milliseconds of the process's processor time until the picture arrived, and until the run had ended."""
    before, picture = processor_time(process), None
    guest.ask(page, query)
    while True:
        message = ForwardMsg.FromString(guest._socket.recv(timeout=120))
        kind = message.WhichOneof("type")
        if picture is None and kind == "delta":
            if message.delta.new_element.WhichOneof("type") == "bidi_component":
                picture = processor_time(process)
        if kind == "script_finished":
            break
    time.sleep(0.05)  # what the server still does after its last message: it forgets what the run left behind
    if picture is None:
        raise SystemExit(f"/{page}?{query}: no picture.")
    return 1e3 * (picture - before), 1e3 * (processor_time(process) - before)


def processor_time(process: int) -> float:
    """Seconds that all threads of a process worked so far: the clock that clock_getcpuclockid(3) names."""
    return time.clock_gettime((~process << 3) | 2)


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
