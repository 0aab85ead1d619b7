"""Pictures as GIF, WebP and PNG files, made by a headless browser.

The browser runs the player, so that the file looks like the page. It exchanges data with this program over the
loopback interface; nothing leaves the machine.
"""

from __future__ import annotations

import os
import queue
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from demos.common.progress import Progress
from demos.picture import Picture
from demos.picture.payload import encode
from demos.picture.player.page import making

KINDS = {".gif": "GIF", ".webp": "WebP", ".png": "PNG"}
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "msedge", "chrome",
         "firefox", "firefox-esr")  # fmt: skip
ELSEWHERE = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "/Applications/Firefox.app/Contents/MacOS/firefox",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
    r"C:\Program Files\Mozilla Firefox\firefox.exe",
)
SIZE = (1120, 700)  # CSS pixels of the window
LARGEST = 200 << 20  # bytes that the browser may send
SILENCE = 90  # seconds without a message after which the browser counts as dead


def image_of(picture: Picture, suffix: str, theme: str = "light", progress: Progress | None = None) -> bytes:
    """The bytes of a GIF (".gif"), a WebP (".webp") of one play-through, or a PNG (".png") of its last frame.

    theme: see `demos.picture.theme.rules`. Raises ValueError, with one sentence, if no browser is found or if it fails
    to make the file, and any exception of `progress`.
    """
    browser, kind = find_browser(), KINDS[suffix]
    heard: queue.Queue[tuple[str, bytes]] = queue.Queue()
    payload = encode(picture, compact=True, reserve=0)
    secret = secrets.token_urlsafe(12)  # so that other web pages cannot guess the address
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(secret, making(kind, theme).encode(), payload, heard))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_address[1]}/{secret}/"
    try:
        with tempfile.TemporaryDirectory(prefix="gradient-flow-lab-", ignore_cleanup_errors=True) as profile:
            process = _started(_command(browser, profile, address))
            try:
                return _result(heard, process, browser, progress)
            finally:
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
    finally:
        server.shutdown()
        server.server_close()


def find_browser() -> str:
    """The path of a browser: the one in $CHROMIUM, else one of the known names. Raises ValueError if there is none."""
    own = os.environ.get("CHROMIUM")
    found = own or next(filter(None, map(shutil.which, NAMES)), None)
    found = found or next((path for path in ELSEWHERE if Path(path).exists()), None)
    if found is None:
        raise ValueError(
            "A browser draws animations and pictures, and none was found: install Chromium, Chrome, Edge or Firefox, "
            "or name one in the environment variable CHROMIUM."
        )
    return found


def _started(command: list[str]) -> subprocess.Popen:
    try:
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except OSError as problem:
        raise ValueError(f"{command[0]} could not be started: {problem.strerror}.") from None


def _command(browser: str, profile: str, address: str) -> list[str]:
    if "firefox" in Path(browser).name.lower():
        return [browser, "--headless", "--no-remote", "--profile", profile, address]
    quiet = ["--no-first-run", "--no-default-browser-check", "--disable-extensions", "--disable-background-networking",
             "--hide-scrollbars", "--mute-audio"]  # fmt: skip
    size = f"--window-size={SIZE[0]},{SIZE[1]}"
    as_root = ["--no-sandbox"] if sys.platform == "linux" and os.geteuid() == 0 else []  # in a container
    return [browser, "--headless=new", f"--user-data-dir={profile}", size, *quiet, *as_root, address]


def _result(
    heard: queue.Queue[tuple[str, bytes]], process: subprocess.Popen, browser: str, progress: Progress | None
) -> bytes:
    """The file that the browser sends; until then, its progress is passed on."""
    last, done = time.monotonic(), 0.0
    while True:
        try:
            what, body = heard.get(timeout=0.1)
        except queue.Empty:
            if process.poll() not in (None, 0) or time.monotonic() - last > SILENCE:
                raise ValueError(f"{browser} made no file of the picture.") from None
            if progress is not None:  # repeat the last report: the callback may raise to cancel
                progress(done)
            continue
        last = time.monotonic()
        if what == "result" and body:
            return body
        if what == "progress":
            done = float(body)
            if progress is not None:
                progress(done)
        else:
            raise ValueError(f"{browser} made no file of the picture: {body.decode(errors='replace')[:200]}")


def _handler(
    secret: str, page: bytes, payload: bytes, heard: queue.Queue[tuple[str, bytes]]
) -> type[BaseHTTPRequestHandler]:
    answers = {f"/{secret}/": ("text/html; charset=utf-8", page), f"/{secret}/picture": ("text/plain", payload)}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, body = answers.get(self.path, ("", b""))
            self._answer(200 if kind else 404, kind or "text/plain", body)

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            known = self.path.startswith(f"/{secret}/") and length <= LARGEST
            body = self.rfile.read(length) if known else b""
            self._answer(204 if known else 404, "text/plain", b"")
            if known:
                heard.put((self.path.rsplit("/", 1)[1], body))

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
