"""Drives Firefox by WebDriver BiDi, which it speaks itself: no driver program is needed, and no patched Firefox.

Protocol: https://www.w3.org/TR/webdriver-bidi/. Scripts run in a sandbox, to which the page's content security policy
does not apply.
"""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

NAMES = ("firefox-esr", "firefox")
PORT_FILE = "WebDriverBiDiServer.json"  # in the profile: Firefox writes the port that it has chosen into it


class Firefox:
    """One tab. `events`: what the browser has reported so far, as (method, parameters)."""

    def __init__(self, connection: ClientConnection) -> None:
        self._socket, self._numbers = connection, itertools.count(1)
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.call("session.new", capabilities={})
        self.call("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])
        self._tab = self.call("browsingContext.getTree")["contexts"][0]["context"]

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The result of a command. Raises RuntimeError, with the browser's words, where the command fails."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(timeout=60))
            if message["type"] == "event":
                self.events.append((message["method"], message["params"]))
            elif message["id"] == number:
                if message["type"] == "error":
                    raise RuntimeError(f"{method}: {message['error']}: {message['message']}")
                return message["result"]

    def size(self, width: int, height: int) -> None:
        self.call("browsingContext.setViewport", context=self._tab, viewport={"width": width, "height": height})

    def goto(self, address: str) -> None:
        self.call("browsingContext.navigate", context=self._tab, url=address, wait="complete")

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression that gives a promise of JSON text."""
        target = {"context": self._tab, "sandbox": "benchmark"}
        found = self.call("script.evaluate", expression=expression, target=target, awaitPromise=True)
        if found["type"] != "success":
            raise RuntimeError(found["exceptionDetails"]["text"])
        return json.loads(found["result"]["value"])


@contextmanager
def firefox(seconds: float = 60) -> Iterator[Firefox | None]:
    """A headless Firefox with a new profile; None where none is installed."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        yield None
        return
    with tempfile.TemporaryDirectory() as profile:
        command = [program, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            address = _address(Path(profile) / PORT_FILE, time.monotonic() + seconds)
            with connect(f"{address}/session", max_size=None) as connection:
                yield Firefox(connection)
        finally:
            process.terminate()
            process.wait(30)


def _address(file: Path, until: float) -> str:
    while time.monotonic() < until:
        try:
            found = json.loads(file.read_text(encoding="utf-8"))
            return f"ws://{found['ws_host']}:{found['ws_port']}"
        except (OSError, ValueError):  # not there yet, or half written
            time.sleep(0.1)
    raise SystemExit("Firefox did not start.")
