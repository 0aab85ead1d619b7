"""A start is dragged and its paths follow: updates a second, end to end, in a real Chromium.

    python -m tests.benchmarks.bench_drag [--app tests/browser/drag_app.py] [--path descent] [--seconds 6] [--json FILE]

The pointer moves all the time. An update is an answer of the server that was painted: pointer → event → a run of the
fragment → patch → canvas. Beside the time on the wall, which is the bar's, stand the processor's times of the server
and of the page's main thread for one update: they say as much on a busy machine.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import time
from itertools import pairwise
from pathlib import Path
from statistics import median

from tests.benchmarks.bench_interaction import processor_time
from tests.benchmarks.race import machine
from tests.benchmarks.serving import serving

UPDATES = 6.0  # a second, median
WARM_UP = 1.5  # seconds
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# The event on the document is the pointer's; the player says in an attribute of its root which one it answered last.
WATCH = """root => {
    const seen = window.drags = {said: {}, painted: {}};
    const say = ({ detail }) => { seen.said[detail.number] = performance.now(); };
    document.addEventListener("gradient-flow-lab-drag", say);
    new MutationObserver(() => { seen.painted[root.dataset.answered] ??= performance.now(); })
        .observe(root, {attributes: true, attributeFilter: ["data-painted"]});
}"""

# A move before every frame, as from a mouse: moves from outside the browser would wait for one another.
WANDER = """async (root, [x, y, seconds]) => {
    const handle = root.querySelector(".handle"), begun = performance.now();
    for (let t = 0; t < seconds; t = (performance.now() - begun) / 1000) {
        const place = {clientX: x + 120 * Math.sin(1.7 * t), clientY: y + 50 * (1 - Math.cos(2.6 * t))};
        handle.dispatchEvent(new PointerEvent("pointermove", {bubbles: true, pointerId: 1, ...place}));
        await new Promise(requestAnimationFrame);
    }
    return window.drags;
}"""


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--app", default="tests/browser/drag_app.py", help="what `streamlit run` starts")
    parser.add_argument("--path", default="", help="path and query of the page")
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with serving(app=options.app) as (port, process):
        found = measure(f"http://127.0.0.1:{port}/{options.path}", process, options.seconds)
    print(f"{options.app} /{options.path}, {os.cpu_count()} cores under a load of {os.getloadavg()[0]:.1f}")
    for name, value in found.items():
        print(f"{name:48}  {value:7.1f}")
    held = found["updates a second, median"] >= UPDATES
    print(f"bar: ≥ {UPDATES:g} updates a second: {'held' if held else 'MISSED'}")
    if options.json:
        options.json.write_text(json.dumps({"machine": machine(), "found": found}, indent=1))
    return held


def measure(address: str, process: int, seconds: float) -> dict[str, float]:
    from playwright.sync_api import sync_playwright

    chromium = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        received: list[int] = []
        page.on("websocket", lambda s: s.on("framereceived", lambda frame: received.append(len(frame))))
        page.goto(address)
        root = page.locator(".player").first
        handle = root.locator(".handle").first
        handle.wait_for(timeout=120_000)
        page.wait_for_timeout(3000)  # the rest of the page comes, and the imports behind it
        page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=120_000)
        root.evaluate(WATCH)
        profiler = page.context.new_cdp_session(page)
        profiler.send("Performance.enable", {"timeDomain": "threadTicks"})

        def main_thread() -> float:
            metrics = profiler.send("Performance.getMetrics")["metrics"]
            return next(one["value"] for one in metrics if one["name"] == "TaskDuration")

        box = handle.bounding_box()
        middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(*middle)
        page.mouse.down()
        seen = root.evaluate(WANDER, [*middle, WARM_UP])
        first = len(seen["painted"])
        before, begun = (processor_time(process), main_thread(), len(received)), time.monotonic()
        seen = root.evaluate(WANDER, [*middle, seconds])
        after, taken = (processor_time(process), main_thread(), len(received)), time.monotonic() - begun
        page.mouse.up()
        browser.close()
    painted = {int(number): at for number, at in seen["painted"].items() if number != "undefined"}
    times = sorted(painted.values())[first:]
    if len(times) < 3:
        raise SystemExit("The paths did not follow.")
    gaps = [1e-3 * (later - sooner) for sooner, later in pairwise(times)]
    lags = [painted[int(number)] - said for number, said in seen["said"].items() if int(number) in painted]
    painted = times
    return {
        "updates a second, median": 1 / median(gaps),
        "updates a second, mean": len(painted) / taken,
        "longest time between two updates (ms)": 1e3 * max(gaps),
        "from an event to its paint, median (ms)": median(lags),
        "server, processor an update (ms)": 1e3 * (after[0] - before[0]) / len(painted),
        "page's main thread, processor an update (ms)": 1e3 * (after[1] - before[1]) / len(painted),
        "received an update (kB)": 1e-3 * sum(received[before[2] : after[2]]) / len(painted),
    }


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
