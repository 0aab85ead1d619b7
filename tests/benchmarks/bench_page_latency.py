"""From a turned control to a new picture that moves, in a real Chromium, at a page's default settings.

    python -m tests.benchmarks.bench_page_latency [--page langevin] [--control temperature] [--repeats 21] [--bare]

The clock runs inside the page: from the key that changes the control, to the player's new payload, to its first painted
frame, to the first frame painted at a later time of the picture than that one (the picture moves). Each round asks for
what was not asked for before, near the default settings, so that no cache answers. The size is that of the largest
message of the first visit: the picture with its envelope, and the player's own code.

`--bare` measures a bare page (bare_page.py) too, before and after the page, by the same clock: the ratios of the two
say what the page takes on any machine.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
from pathlib import Path
from statistics import median

from demos.registry import family
from tests.benchmarks.race import machine
from tests.benchmarks.serving import serving

MOVING = {"diffusion": 400.0}  # ms, by page; others: 250
PAYLOAD = 1.5  # MB
BESIDE = 1.5  # times the bare page, to the moving picture
WARM_UP = 4
NEAR = 2  # changes away from the defaults; then the page is opened anew with another seed
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# Attributes of the player's root tell what it did: data-payloads counts payloads, data-painted counts painted frames;
# the place of its slider is the time of the frame on show.
WATCH = """root => {
    const seen = window.latency = {armed: false};
    const slider = root.querySelector("input[type=range]");
    const note = name => { if (seen[name] === undefined) seen[name] = performance.now(); };
    const began = event => { if (seen.armed && event.isTrusted) note("changed"); };
    for (const kind of ["keydown", "pointerdown"]) document.addEventListener(kind, began, true);
    window.arm = () => {
        for (const name of ["changed", "payload", "painted", "moving"]) delete seen[name];
        seen.before = root.dataset.payloads;
        seen.armed = true;
    };
    new MutationObserver(() => {
        if (!seen.armed || root.dataset.payloads === seen.before) return;
        if (seen.payload === undefined) {
            note("payload");
            seen.paints = Number(root.dataset.painted);
        } else if (seen.painted === undefined) {
            note("painted");
            seen.time = Number(slider.value);
        } else if (Number(slider.value) > seen.time) {
            note("moving");
            seen.armed = false;
        }
    }).observe(root, {attributes: true, attributeFilter: ["data-payloads", "data-painted"]});
}"""


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--page", default="langevin", help="path of the page")
    parser.add_argument("--control", default="temperature", help="name of the field whose control is turned")
    parser.add_argument("--query", default="", help="settings of the page, as in its address")
    parser.add_argument("--repeats", type=int, default=21)
    parser.add_argument("--bare", action="store_true", help="measure a bare page too")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    bare: dict[str, list[float]] = {}
    if options.bare:
        add(bare, bare_page(options.repeats // 2))
    with serving() as (port, _):
        found, payload = measure(
            f"http://127.0.0.1:{port}", options.page, options.control, options.repeats, options.query
        )
    if options.bare:
        add(bare, bare_page(options.repeats // 2))
    print(
        f"/{options.page}, control {options.control}, {len(found['moving'])} changes, {os.cpu_count()} cores "
        f"under a load of {os.getloadavg()[0]:.1f}; ms from the key"
    )
    print(f"{'':10}  {'median':>7}  {'min':>7}  {'90 %':>7}{'  bare median, min; ratio' if bare else ''}")
    for name, times in found.items():
        beside = bare.get(name)
        ratio = f"  {median(beside):7.0f}  {min(beside):7.0f}  {median(times) / median(beside):7.2f}" if beside else ""
        print(f"{name:10}  {median(times):7.0f}  {min(times):7.0f}  {sorted(times)[int(0.9 * len(times))]:7.0f}{ratio}")
    bars = {"moving (ms)": MOVING.get(options.page, 250.0), "payload (MB)": PAYLOAD}
    results = {"moving (ms)": median(found["moving"]), "payload (MB)": payload / 1e6}
    if bare:
        bars["moving / bare"] = BESIDE
        results["moving / bare"] = results["moving (ms)"] / median(bare["moving"])
    for name, value in results.items():
        print(f"{name}: {value:.3g}; bar: ≤ {bars[name]:g}: {'held' if value <= bars[name] else 'MISSED'}")
    if options.json:
        options.json.write_text(json.dumps({"machine": machine(), "milliseconds": found, "bytes": payload}, indent=1))
    return all(value <= bars[name] for name, value in results.items())


def add(times: dict[str, list[float]], more: dict[str, list[float]]) -> None:
    for name, found in more.items():
        times.setdefault(name, []).extend(found)


def bare_page(repeats: int) -> dict[str, list[float]]:
    """Times of so many changes of the bare page."""
    with serving(app="tests/benchmarks/bare_page.py") as (port, _):
        return measure(f"http://127.0.0.1:{port}", "", "bare-temperature", repeats)[0]


def measure(address: str, path: str, control: str, repeats: int, query: str = "") -> tuple[dict[str, list[float]], int]:
    """Times of `repeats` changes after the warm-up, and the bytes of the largest message of the first visit."""
    from playwright.sync_api import sync_playwright

    chromium = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    sizes: list[int] = []
    found: dict[str, list[float]] = {"payload": [], "painted": [], "moving": []}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        # On a page of its own: to report every message of a megabyte takes time that no visitor's browser spends.
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.on("websocket", lambda s: s.on("framereceived", lambda frame: sizes.append(len(frame))))
        page.goto(f"{address}/{path}?{query}")
        page.locator(".player").first.wait_for(state="attached", timeout=120_000)
        _settle(page)
        page.close()
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        members = family(path).members.values() if path else ()
        seeded = control != "seed" and bool(members) and all("seed" in each.config.controls() for each in members)
        for round_ in range(WARM_UP + repeats):
            if round_ == 0 or (seeded and round_ % NEAR == 0):
                settings = f"{query}&seed={1000 + round_}" if seeded else query
                page.goto(f"{address}/{path}?{settings}")
                root = page.locator(".player").first
                root.wait_for(state="attached", timeout=120_000)
                _settle(page)
                root.evaluate(WATCH)
                widget = page.locator(f".st-key-{path}-{control}" if path else f".st-key-{control}").first
                widget.scroll_into_view_if_needed(timeout=10_000)
            _change(page, widget, round_)
            page.wait_for_function("() => window.latency.moving !== undefined", timeout=60_000)
            seen = page.evaluate("() => window.latency")
            if round_ >= WARM_UP:
                for name, times in found.items():
                    times.append(seen[name] - seen["changed"])
            _settle(page)
        browser.close()
    return found, max(sizes)


def _change(page, widget, round_: int) -> None:
    """Give the control the next value, by the one key that counts."""
    slider, number = widget.get_by_role("slider"), widget.locator("input[type=number]")
    if slider.count():
        slider.first.focus()
        page.evaluate("() => window.arm()")
        page.keyboard.press("ArrowRight")
    elif number.count():
        number.first.fill(str(int(float(number.first.input_value())) + 1))
        page.evaluate("() => window.arm()")
        page.keyboard.press("Enter")
    else:
        options = widget.get_by_role("radio")
        page.evaluate("() => window.arm()")
        options.nth((round_ + 1) % options.count()).click()


def _settle(page) -> None:
    """Until the script has ended, and a little longer: charts are still being drawn then."""
    page.wait_for_timeout(400)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=120_000)
    page.wait_for_timeout(600)


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
