"""A client without a browser: starts a server, speaks Streamlit's WebSocket protocol and reads the drawn elements."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import connect

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def server(script: str, seconds: float = 60, port: int = 0) -> Iterator[int]:
    """Run `streamlit run script` in the project's root, without PYTHONPATH; yields the port. port: 0 for a free one."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port that a server has just left
        probe.bind(("127.0.0.1", port))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).with_name("streamlit")), "run", script, "--server.headless", "true"]
    command += ["--server.port", str(port), "--server.fileWatcherType", "none", "--server.address", "127.0.0.1"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        end = time.monotonic() + seconds
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5) as answer:
                    if answer.status == 200:
                        break
            except OSError:
                assert process.poll() is None, process.stdout.read().decode()
                assert time.monotonic() < end, "the server did not start"
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def visitor(port: int) -> Iterator[Visitor]:
    """A session that is connected for the duration of the block."""
    with connect(f"ws://127.0.0.1:{port}/_stcore/stream", subprotocols=["streamlit"], max_size=None) as connection:
        yield Visitor(connection)


class Visitor:
    """A session. `ask` requests a run of a page, `read` returns messages, `close` closes the connection."""

    def __init__(self, connection: Any) -> None:
        self._socket = connection

    def ask(self, page: str = "", query: str = "", *states: WidgetState) -> None:
        message = BackMsg()
        message.rerun_script.widget_states.widgets.extend(states)
        message.rerun_script.page_name = page
        message.rerun_script.query_string = query
        self._socket.send(message.SerializeToString())

    def read(self, wanted: str, seconds: float = 60) -> list[ForwardMsg]:
        """All messages up to the first of the type `wanted`. Raises TimeoutError if none arrives within `seconds`."""
        messages, end = [], time.monotonic() + seconds
        while True:
            message = ForwardMsg.FromString(self._socket.recv(timeout=max(0.01, end - time.monotonic())))
            messages.append(message)
            if message.WhichOneof("type") == wanted or message.delta.new_element.WhichOneof("type") == wanted:
                return messages

    def close(self) -> None:
        self._socket.close()


def elements(messages: list[ForwardMsg], kind: str) -> list:
    """The elements of one type that these messages draw."""
    drawn = [message.delta.new_element for message in messages if message.WhichOneof("type") == "delta"]
    return [getattr(element, kind) for element in drawn if element.WhichOneof("type") == kind]
