"""From the address of the home page to its cards, in a real Chromium: on a server that has just started, and later.

    python -m tests.benchmarks.bench_home [--repeats 5] [--path ""] [--wait ".gf-card"]

Each round starts a server, waits until it answers, and opens the page twice, in a browser that is already there and has
nothing of it in its cache: cold, then warm. The clock is the browser's own, from the navigation to the first animation
frame in which all that is waited for is visible.
"""

from __future__ import annotations

import argparse
import os
import shutil
from statistics import median

from tests.benchmarks.bench_page_latency import BROWSERS
from tests.benchmarks.serving import serving

BARS = {"cold": 2.0, "warm": 1.2}  # seconds
SEEN = """selector => new Promise(done => {
    const look = () => {
        const found = document.querySelectorAll(selector);
        if (found.length && [...found].every(e => e.getBoundingClientRect().height > 0)) done(performance.now());
        else requestAnimationFrame(look);
    };
    look();
})"""


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--path", default="", help="of the page")
    parser.add_argument("--wait", default=".gf-card", help="CSS selector of what is waited for")
    options = parser.parse_args()
    found = measure(options.path, options.wait, options.repeats)
    print(f"/{options.path}, {options.repeats} servers, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; seconds")
    for name, times in found.items():
        bar = (
            f"; bar ≤ {BARS[name]:g}: {'held' if median(times) <= BARS[name] else 'MISSED'}" if not options.path else ""
        )
        print(f"{name}: median {median(times):.2f}, least {min(times):.2f}, most {max(times):.2f}{bar}")
    return bool(options.path) or all(median(times) <= BARS[name] for name, times in found.items())


def measure(path: str, selector: str, repeats: int) -> dict[str, list[float]]:
    """Seconds to what is waited for, cold and warm, one of each for each server."""
    from playwright.sync_api import sync_playwright

    chromium = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    found: dict[str, list[float]] = {"cold": [], "warm": []}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for _ in range(repeats):
            with serving() as (port, _):
                for times in found.values():
                    context = browser.new_context(viewport={"width": 1280, "height": 720})
                    page = context.new_page()
                    page.goto(f"http://127.0.0.1:{port}/{path}", wait_until="commit")
                    times.append(page.evaluate(SEEN, selector) / 1000)
                    page.wait_for_timeout(6_000)  # the imports behind the first page end
                    context.close()
        browser.close()
    return found


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
