"""A page of several demos, one by one: from a turned control to a new picture that moves, in a real Chromium.

    python -m tests.benchmarks.bench_family_page [--page energy] [--only chain,spins] [--repeats 7] [--json FILE]

Each demo at its defaults on a warm server; the control is the first one that stands beside its picture and has more
values than a handful. How it is measured: see bench_page_latency, whose clock inside the page this is. The bar is the
median of all changes of all demos; each demo's own median is told too.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from statistics import median

from demos.registry import family
from tests.benchmarks.bench_page_latency import PAYLOAD, measure
from tests.benchmarks.race import machine
from tests.benchmarks.serving import serving

BARS = {"energy": 500.0, "stochastic": 300.0}  # ms
STOCHASTIC = ("cloud", "batch_size", "wells", "saddle", "tails", "scaling", "schedules", "sgld")
CONTROLS = {name: "ratio" if name == "scaling" else "lr" for name in STOCHASTIC} | {
    "diagonal": "batch",
    "rescaling": "factor",
    "cluster": "count",
    "thomson": "count",
    "film": "separation",
    "phase": "gamma",
    "condensate": "beta",
    "chain": "links",
    "column": "load",
    "spins": "side",
    "ritz": "width",
}


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--page", default="energy", choices=list(BARS))
    parser.add_argument("--only", default="", help="demos, with commas between")
    parser.add_argument("--repeats", type=int, default=7, help="changes of each demo")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    page, bar = family(options.page), BARS[options.page]
    systems = list(page.members)
    chosen = [name for name in options.only.split(",") if name] or systems
    if unknown := set(chosen) - set(systems):
        parser.error(f"{', '.join(sorted(unknown))}: choose of {', '.join(systems)}")
    times, payloads = {}, {}
    with serving() as (port, _):
        for system in chosen:
            control = f"{system}-{CONTROLS[system]}"  # a field of this demo, and of no other of its page
            found, payloads[system] = measure(
                f"http://127.0.0.1:{port}", page.name, control, options.repeats, f"{page.parameter}={system}"
            )
            times[system] = found["moving"]
            spent = times[system]
            print(
                f"{system:12} {CONTROLS[system]:12} median {median(spent):6.0f} ms  min {min(spent):6.0f}  "
                f"max {max(spent):6.0f}  {payloads[system] / 1e6:.2f} MB",
                flush=True,
            )
    middle = median([t for spent in times.values() for t in spent])
    print(
        f"all changes: median {middle:.0f} ms; bar: ≤ {bar:.0f}: {'held' if middle <= bar else 'MISSED'} "
        f"({os.cpu_count()} cores under a load of {os.getloadavg()[0]:.1f})"
    )
    heavy = [system for system, size in payloads.items() if size > 1e6 * PAYLOAD]
    print(f"payloads: bar: ≤ {PAYLOAD} MB: {'held' if not heavy else 'MISSED by ' + ', '.join(heavy)}")
    if options.json:
        options.json.write_text(json.dumps({"machine": machine(), "milliseconds": times, "bytes": payloads}, indent=1))
    return middle <= bar and not heavy


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
