"""The first change after the server was started again, on every page, in a real Chromium: does it count?

    python -m tests.benchmarks.bench_lost_connection [--tries 20] [--only langevin …]

Every page is open in a tab of its own. A try ends the server, starts it again on the same port, waits until each tab is
connected, and moves the first slider of each page by one key. It counts where the slider stays and the address follows.
"""

from __future__ import annotations

import argparse
import os
import shutil
from contextlib import suppress

from demos.registry import menu
from tests.benchmarks.bench_page_latency import BROWSERS
from tests.dashboard.client import server

APP = "dashboard/app.py"
CONNECTED = "[data-testid=stApp][data-test-connection-state=CONNECTED]"
AT_REST = f"{CONNECTED}[data-test-script-state=notRunning]"
LONGEST = 120_000  # ms: for a page to come, and for a change to come into the address after a start of the server


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tries", type=int, default=20)
    parser.add_argument("--only", nargs="*", choices=list(menu()), default=list(menu()))
    options = parser.parse_args()
    counted = measure(options.only, options.tries)
    for name, times in counted.items():
        verdict = "held" if times == options.tries else "MISSED"
        print(f"/{name}: {times} of {options.tries} first changes counted; bar: all: {verdict}")
    return all(times == options.tries for times in counted.values())


def measure(names: list[str], tries: int) -> dict[str, int]:
    """How often the change counted, by page."""
    from playwright.sync_api import sync_playwright

    chromium = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    counted = dict.fromkeys(names, 0)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(reduced_motion="reduce", viewport={"width": 1440, "height": 900})
        context.set_default_timeout(LONGEST)
        pages = {name: context.new_page() for name in names}
        port = 0
        for attempt in range(-1, tries):
            with server(APP, port=port) as port:
                for name, page in pages.items():
                    page.bring_to_front()
                    if attempt < 0:
                        page.goto(f"http://127.0.0.1:{port}/{name}")
                        page.locator(".player canvas").first.wait_for()
                        page.wait_for_timeout(500)
                        page.wait_for_selector(AT_REST)
                    else:
                        counted[name] += _changed(page, "ArrowRight" if attempt % 2 == 0 else "ArrowLeft")
            if attempt >= 0:  # a run takes minutes, and may be stopped
                print(f"after try {attempt + 1}: {counted}", flush=True)
        browser.close()
    return counted


def _changed(page, key: str) -> bool:
    from playwright.sync_api import TimeoutError

    page.wait_for_selector(CONNECTED)
    slider = page.locator(".st-key-drawer [role=slider][aria-valuetext], .st-key-drawer input[type=range]").first
    before, address = slider.get_attribute("aria-valuetext"), page.url
    slider.focus()
    page.keyboard.press(key)
    wanted = slider.get_attribute("aria-valuetext")
    with suppress(TimeoutError):  # a change that is lost never comes into the address, however long one waits
        page.wait_for_url(lambda url: url != address, timeout=LONGEST)
    page.wait_for_selector(AT_REST)
    page.wait_for_timeout(500)
    page.wait_for_selector(AT_REST)
    return slider.get_attribute("aria-valuetext") == wanted != before and page.url != address


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
