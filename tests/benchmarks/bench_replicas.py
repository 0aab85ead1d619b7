"""Two replicas behind a real HAProxy with the project's configuration; one is drained, then killed.

    apt-get install haproxy
    python -m tests.benchmarks.bench_replicas [--visitors 6]

Every visitor is a client with a cookie and a WebSocket, at an address of his own. A replica that is drained gets no
new visitor and keeps its own. One that is killed: its visitors lose their connection, ask again, and have the very
same picture from the other replica, because the address holds their settings; the others lose nothing.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager
from pathlib import Path

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.benchmarks.serving import ROOT, serving
from tests.dashboard.client import Visitor, elements

CONFIG = ROOT / ".hosting" / "haproxy.cfg"


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--visitors", type=int, default=6)
    count = parser.parse_args().visitors
    with ExitStack() as stack:
        (first, killed), (second, _) = (stack.enter_context(serving()) for _ in range(2))
        port, control = stack.enter_context(balanced(first, second))
        everyone = [Client(port, f"seed={seed}&particles=300&steps=100") for seed in range(count)]
        pictures = [one.picture() for one in everyone]
        homes = [one.replica for one in everyone]
        tell(control, "set server lab/a state drain")
        late = [Client(port, f"seed={seed}&particles=300&steps=100") for seed in range(count)]
        drained = all(one.replica == "b" for one in late) and [one.picture() for one in everyone] == pictures
        tell(control, "set server lab/a state ready")
        os.kill(killed, signal.SIGKILL)
        start, slowest = time.monotonic(), 0.0
        again = []
        for one in everyone:
            again.append(one.picture())
            slowest = max(slowest, time.monotonic() - start)
        noticed = [one.lost for one, home in zip(everyone, homes, strict=True) if home == "b"]
        back = [one.lost for one, home in zip(everyone, homes, strict=True) if home == "a"]
        rows = (
            (f"visitors spread over both replicas ({homes.count('a')} and {homes.count('b')})", {*homes} == {"a", "b"}),
            ("a drained replica gets nobody new and keeps its own", drained),
            (f"visitors of the killed one lost their connection once and came back: {back}", back == [1] * len(back)),
            (f"visitors of the other noticed nothing: {noticed}", not any(noticed)),
            (f"everybody has the same picture as before ({slowest:.1f} s for all)", again == pictures),
            ("all are on the replica that is left", all(one.replica == "b" for one in everyone)),
        )
        for what, held in rows:
            print(f"{what}: {'held' if held else 'MISSED'}")
        for one in (*everyone, *late):
            one.close()
    return all(held for _, held in rows)


class Client:
    """A browser as far as HAProxy sees it: a cookie, then a WebSocket; where that is lost, once more from the start."""

    def __init__(self, port: int, query: str) -> None:
        self._port, self._query, self.lost, self.replica = port, query, 0, ""
        self._open()

    def picture(self) -> bytes:
        """The bytes of the picture at its address."""
        while True:
            try:
                self._visitor.ask("langevin", self._query)
                return elements(self._visitor.read("script_finished", 120), "bidi_component")[0].bytes
            except ConnectionClosed:
                self.lost += 1
                self._open()

    def close(self) -> None:
        self._visitor.close()

    def _open(self, seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while True:
            try:
                cookie = {"Cookie": f"REPLICA={self.replica}"} if self.replica else {}
                request = urllib.request.Request(f"http://127.0.0.1:{self._port}/", headers=cookie)
                with urllib.request.urlopen(request, timeout=10) as answer:
                    told = answer.headers.get("Set-Cookie", "")
                if told:
                    self.replica = told.split("REPLICA=")[1].split(";")[0]
                address = f"ws://127.0.0.1:{self._port}/_stcore/stream"
                headers = {"Cookie": f"REPLICA={self.replica}"}
                opened = connect(address, subprotocols=["streamlit"], max_size=None, additional_headers=headers)
                self._visitor = Visitor(opened)
                return
            except (OSError, urllib.error.URLError, ConnectionClosed):
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)


@contextmanager
def balanced(first: int, second: int):
    """HAProxy in front of two ports: its own port, and the path of its socket."""
    program = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")
    if program is None:
        raise SystemExit("There is no HAProxy here (Debian: apt-get install haproxy).")
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port, control = free.getsockname()[1], Path(folder) / "lab.sock"
        free.close()
        own = {
            "A": f"127.0.0.1:{first}",
            "B": f"127.0.0.1:{second}",
            "BIND": f"127.0.0.1:{port}",
            "SOCKET": str(control),
        }
        process = subprocess.Popen([program, "-db", "-f", str(CONFIG)], env=os.environ | own)
        try:
            end = time.monotonic() + 20
            while not control.exists() and process.poll() is None and time.monotonic() < end:
                time.sleep(0.1)
            yield port, control
        finally:
            process.terminate()
            process.wait(10)


def tell(control: Path, command: str) -> str:
    """One command to HAProxy's socket; its answer."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(control))
        line.sendall(f"{command}\n".encode())
        return line.recv(65536).decode()


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
