"""The dashboard as a process of its own, for the benchmarks that visit it."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def serving(
    seconds: float = 60, root: Path = ROOT, app: str = "dashboard/app.py", log: Path | None = None
) -> Iterator[tuple[int, int]]:
    """`streamlit run app`, ready for visitors: its port and the number of its process.

    root: the checkout that is served. log: a file for what the server says.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    said = subprocess.DEVNULL if log is None else log.open("wb")
    server = subprocess.Popen(
        [
            str(Path(sys.executable).with_name("streamlit")),
            "run",
            app,
            "--server.headless=true",
            "--server.address=127.0.0.1",
            f"--server.port={port}",
            "--browser.gatherUsageStats=false",
            "--server.fileWatcherType=none",
        ],
        cwd=root,
        stdout=said,
        stderr=subprocess.STDOUT,
    )
    try:
        _wait_for(port, time.monotonic() + seconds)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(10)
        if log is not None:
            said.close()


def _wait_for(port: int, until: float) -> None:
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The server did not start.")
