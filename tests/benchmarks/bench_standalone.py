"""Standalone pages from a disk, in Chromium and in Firefox: painted frames a second, errors, requests.

    python -m tests.benchmarks.bench_standalone [--pages langevin,diffusion,energy] [--seconds 5]

The default picture of each page as one HTML file, opened by a browser without a window (each that is found). Beside it
stands the yardstick of this machine and minute: a page with nothing but a canvas about as large, which is painted over
with one colour at every frame that the browser offers. Without a graphics card a browser draws on
the processor, so on a busy machine neither has 60. `chrt -r 5 python -m …` gives the browsers the processor.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

for pool in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(pool, "1")

from demos.export import standalone  # noqa: E402
from demos.picture.player.browser import _command  # noqa: E402
from demos.registry import families  # noqa: E402

BROWSERS = {"Chromium": ("chromium", "chromium-browser", "google-chrome"), "Firefox": ("firefox-esr", "firefox")}
BAR = 55.0  # frames a second
LONGEST = 90  # seconds for one page
WATCH = """<script>(() => {
  const errors = [];
  addEventListener("error", (event) => errors.push(event.message || "a resource"), true);
  addEventListener("unhandledrejection", (event) => errors.push(String(event.reason)));
  const shout = console.error;
  console.error = (...words) => { errors.push(words.join(" ")); shout(...words); };
  let offered = 0, begun = null;
  const painted = () => PAINTED;
  const now = () => ({ at: performance.now(), offered, painted: painted() });
  const look = () => {
    offered++;
    if (begun === null && painted() > 30) begun = now();
    const end = now();
    if (begun !== null && end.at - begun.at > SECONDS * 1000) {
      const seconds = (end.at - begun.at) / 1000;
      const rate = (name) => (end[name] - begun[name]) / seconds;
      const asked = performance.getEntriesByType("resource").map((one) => one.name);
      const requests = asked.filter((name) => /^https?:/.test(name));
      const found = { painted: rate("painted"), offered: rate("offered"), errors, requests };
      fetch("ADDRESS", { method: "POST", mode: "no-cors", body: JSON.stringify(found) });
      return;
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})();</script>"""
PLAYER = "Number(document.querySelector('.player')?.dataset.painted ?? 0)"
EMPTY = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><body><canvas></canvas><script>
  let count = 0;
  const canvas = document.querySelector("canvas"), scale = devicePixelRatio, pen = canvas.getContext("2d");
  canvas.width = 1100 * scale; canvas.height = 420 * scale;
  canvas.style.width = "1100px";
  const paint = () => {
    pen.fillStyle = count++ % 2 ? "#eee" : "#ddd";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    requestAnimationFrame(paint);
  };
  paint();
</script>"""


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", default="langevin,diffusion,energy", help="names, separated by commas")
    parser.add_argument("--seconds", type=float, default=5)
    options = parser.parse_args()
    pages = {}
    for name in options.pages.split(","):
        demo = families()[name].default
        config = demo.config()
        pages[name] = standalone(demo, config, demo.run(config))
        print(f"{name}: {len(pages[name]) / 1e6:.2f} MB")
    held = True
    for browser, names in BROWSERS.items():
        path = next(filter(None, map(shutil.which, names)), None)
        if path is None:
            print(f"{browser}: not found")
            continue
        for name, html in pages.items():
            best = measure(path, html, "count", options.seconds, yardstick=True)
            found = measure(path, html, PLAYER, options.seconds)
            good = found["painted"] >= BAR and not found["errors"] and not found["requests"]
            held &= good
            print(
                f"{browser}, {name}: {found['painted']:.1f} frames/s, {found['offered']:.1f} offered; "
                f"empty canvas {best['painted']:.1f}; errors {found['errors']}, requests {found['requests']}: "
                f"{'held' if good else 'MISSED'}",
                flush=True,
            )
    print(f"bar: ≥ {BAR:g} frames/s, no error, no request; load {os.getloadavg()[0]:.1f}")
    return held


def measure(browser: str, html: str, painted: str, seconds: float, yardstick: bool = False) -> dict:
    """painted, offered: frames a second; errors; requests. Opens the page from a disk in a browser of its own."""
    heard: queue.Queue[bytes] = queue.Queue()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(heard))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}/"
    watch = WATCH.replace("PAINTED", painted).replace("SECONDS", str(seconds)).replace("ADDRESS", address)
    with tempfile.TemporaryDirectory(prefix="gradient-flow-lab-", ignore_cleanup_errors=True) as folder:
        file = Path(folder) / "page.html"
        file.write_text((EMPTY if yardstick else html) + watch, encoding="utf-8")
        command = _command(browser, str(Path(folder) / "profile"), file.as_uri())
        (Path(folder) / "profile").mkdir()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            return json.loads(heard.get(timeout=LONGEST))
        finally:
            process.terminate()
            process.wait(10)
            server.shutdown()
            server.server_close()


def _handler(heard: queue.Queue[bytes]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.put(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
