"""Frames a second of standalone pages that are opened from a disk, in a real Chromium and in a real Firefox.

    python -m tests.benchmarks.bench_standalone [--pages langevin,energy] [--seconds 4]

Put `chrt -r 10` before it where others work on the machine.

The file is what `python -m demos PAGE --html` writes at the page's defaults. While it plays, the frames that the player
paints are counted, and every network request and console error. The page keeps its content security policy: the
counting scripts come through the browsers' debugging protocols, to which the policy does not apply.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from demos.export import standalone
from demos.registry import family, menu
from tests.benchmarks.bench_page_latency import BROWSERS
from tests.benchmarks.firefox import firefox

BAR, LARGEST = 55.0, 3.0  # frames a second; MB of a file
WINDOW = 1280, 720
LOCAL = ("file:", "blob:", "data:", "about:")
FIRST = 30  # frames that are painted before the count: the first ones decode the picture

COUNT = """(async () => {
    const sleep = ms => new Promise(done => setTimeout(done, ms));
    const find = () => document.getElementById("player").shadowRoot?.querySelector(".player");
    while (!(Number(find()?.dataset.painted) >= %d)) await sleep(20);
    const root = find();
    const first = Number(root.dataset.painted), start = performance.now();
    await sleep(%d);
    const rate = 1000 * (Number(root.dataset.painted) - first) / (performance.now() - start);
    return JSON.stringify([rate, root.dataset.playing]);
})()"""


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", default=",".join(menu()), help="names, separated by commas")
    parser.add_argument("--seconds", type=float, default=4.0, help="of counting, for each page and browser")
    options = parser.parse_args()
    held = True
    with tempfile.TemporaryDirectory() as folder:
        files = [written(name, Path(folder)) for name in options.pages.split(",")]
        for path in files:
            size = path.stat().st_size / 1e6
            held &= size <= LARGEST
            print(f"{path.stem}: {size:.2f} MB; bar: ≤ {LARGEST:g}: {'held' if size <= LARGEST else 'MISSED'}")
        for name, browser in (("Chromium", in_chromium), ("Firefox", in_firefox)):
            found = browser(files, options.seconds)
            held &= bool(found)
            for path, (rate, asked, errors) in zip(files, found, strict=bool(found)):
                good = rate >= BAR and not asked and not errors
                held &= good
                print(f"{name}, {path.stem}: {rate:.1f} frames/s, {len(asked)} requests, {len(errors)} errors", end="")
                print(f"; bar: ≥ {BAR:g}, 0, 0: {'held' if good else 'MISSED'}", *asked, *errors)
    print(f"load {os.getloadavg()[0]:.1f}")
    return held


def written(page: str, folder: Path) -> Path:
    """The standalone page of a family's default picture."""
    demo = family(page).default
    config = demo.config()
    path = folder / f"{page}.html"
    path.write_text(standalone(demo, config, demo.run(config)), encoding="utf-8")
    return path


Found = tuple[float, list[str], list[str]]
"""Frames a second; addresses that were asked for; console errors."""


def in_chromium(files: Iterable[Path], seconds: float) -> list[Found]:
    from playwright.sync_api import sync_playwright

    chromium = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    found = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for path in files:
            page = browser.new_page(viewport={"width": WINDOW[0], "height": WINDOW[1]})
            asked, errors = [], []
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            page.on("console", lambda message, errors=errors: errors.append(f"{message.type}: {message.text}"))
            page.on("pageerror", lambda error, errors=errors: errors.append(f"error: {error}"))
            page.goto(path.as_uri())
            # Not `page.evaluate`, whose own script uses `eval`, which the page's policy forbids.
            protocol = page.context.new_cdp_session(page)
            answer = protocol.send(
                "Runtime.evaluate", {"expression": COUNT % (FIRST, 1000 * seconds), "awaitPromise": True}
            )
            found.append(
                (
                    rate_of(json.loads(answer["result"]["value"])),
                    elsewhere(asked),
                    [words for words in errors if words.startswith("error")],
                )
            )
            page.close()
        browser.close()
    return found


def in_firefox(files: Iterable[Path], seconds: float) -> list[Found]:
    found = []
    with firefox() as browser:
        if browser is None:
            print("Firefox is not installed: not measured.")
            return []
        browser.size(*WINDOW)
        for path in files:
            begin = len(browser.events)
            browser.goto(path.as_uri())
            rate = rate_of(browser.evaluate(COUNT % (FIRST, 1000 * seconds)))
            events = browser.events[begin:]
            asked = [one["request"]["url"] for name, one in events if name == "network.beforeRequestSent"]
            errors = [one["text"] for name, one in events if name == "log.entryAdded" and one["level"] == "error"]
            found.append((rate, elsewhere(asked), errors))
    return found


def rate_of(answer: list) -> float:
    """The frames a second; 0 where the picture has stopped meanwhile."""
    rate, playing = answer
    return rate if playing == "true" else 0.0


def elsewhere(addresses: Iterable[str]) -> list[str]:
    return [address for address in addresses if not address.startswith(LOCAL)]


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
