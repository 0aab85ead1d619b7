"""A visitor who means harm: sends what no browser of ours would, over a real connection, and looks what comes of it."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterable
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from dashboard.frame.failure import FAULT, WORDS

SILENT = 30.0  # seconds without a message after which a run hangs
LONG = 4.0  # seconds after which the next attack comes on top of it: the run is left


class Hostile:
    """One session. faults: what went wrong, in words; left: runs that were left before their end."""

    def __init__(self, port: int) -> None:
        self.port, self.faults, self.left = port, [], 0
        self.widgets: dict[str, str] = {}  # id -> kind, of what the last runs drew
        self.page, self.missed = "", 0  # on which `widgets` are; attacks that came to nothing
        self._open()

    def _open(self) -> None:
        with _Http(self.port, "GET", "/_stcore/health") as answer:
            self.cookie = next(iter((answer.getheader("Set-Cookie") or "").split(";")))
        address = f"ws://127.0.0.1:{self.port}/_stcore/stream"
        self.socket = connect(address, subprotocols=["streamlit"], max_size=None)
        self.session = ""

    def close(self) -> None:
        self.socket.close()

    def begin(self, page: str, query: str = "") -> None:
        """Open a page, and know its widgets."""
        self.widgets.clear()
        self.page = page
        self.ask("", page, query)

    def ask(self, what: str, page: str, query: str, states: Iterable[WidgetState] = ()) -> list[ForwardMsg]:
        """One run. what: said about a fault; the messages up to its end, or until it is left."""
        message = BackMsg()
        message.rerun_script.page_name, message.rerun_script.query_string = page, query
        message.rerun_script.widget_states.widgets.extend(states)
        return self.send(message, f"/{page}?{query} {what}")

    def send(self, message: BackMsg, what: str) -> list[ForwardMsg]:
        messages, start = [], time.monotonic()
        try:
            self.socket.send(message.SerializeToString())
            while time.monotonic() - start < LONG:
                found = ForwardMsg.FromString(self.socket.recv(timeout=SILENT))
                messages.append(found)
                if found.WhichOneof("type") in ("script_finished", "file_urls_response"):
                    break
            else:
                self.left += 1
        except TimeoutError:
            self.faults.append(f"hangs: {what}")
        except ConnectionClosed as problem:
            self.faults.append(f"connection lost ({problem}): {what}")
            self._open()
        self._look(messages, what)
        return messages

    def _look(self, messages: list[ForwardMsg], what: str) -> None:
        for message in messages:
            if message.WhichOneof("type") == "new_session":
                self.session = message.new_session.initialize.session_id or self.session
            element, block = message.delta.new_element, message.delta.add_block
            if block.id:
                self.widgets[block.id] = block.WhichOneof("type") or "block"
            kind = element.WhichOneof("type") if message.WhichOneof("type") == "delta" else None
            if kind == "exception":
                self.faults.append(f"{element.exception.type} {element.exception.message[:200]}: {what}")
            elif kind == "alert" and any(words in element.alert.body for words in (FAULT, *WORDS.values())):
                self.faults.append(f"failed, and said so: {what}")
            elif kind is not None and getattr(getattr(element, kind), "id", ""):
                self.widgets[getattr(element, kind).id] = kind

    def upload(self, name: str, content: bytes) -> WidgetState | None:
        """Sends a file; the state of a file's widget that holds it, without the widget's id; None where the server did
        not take it."""
        message = BackMsg()
        message.file_urls_request.request_id, message.file_urls_request.session_id = "1", self.session
        message.file_urls_request.file_names.append(name)
        answers = [m for m in self.send(message, "upload") if m.WhichOneof("type") == "file_urls_response"]
        if not answers or not answers[0].file_urls_response.file_urls:
            return None
        urls = answers[0].file_urls_response.file_urls[0]
        body, border = _multipart(name, content)
        token = self.cookie.partition("=")[2]
        headers = {
            "Cookie": self.cookie,
            "X-Xsrftoken": token,
            "Content-Type": f"multipart/form-data; boundary={border}",
        }
        with _Http(self.port, "PUT", urls.upload_url, body, headers) as answer:
            if answer.status >= 500:
                self.faults.append(f"{answer.status} on an upload of {name!r}")
            if answer.status >= 300:
                return None
        state = WidgetState()
        info = state.file_uploader_state_value.uploaded_file_info.add()
        info.file_id, info.name, info.size = urls.file_id, name, len(content)
        info.file_urls.CopyFrom(urls)
        return state


def state_of(identity: str, value: Any) -> WidgetState:
    """Any value as the state of a widget, in the field of its type."""
    state = WidgetState(id=identity)
    match value:
        case bool():
            state.bool_value = value
        case int() if abs(value) < 2**63:
            state.int_value = value
        case float():
            state.double_value = value
        case str():
            state.string_value = value
        case [*parts] if parts and all(isinstance(part, str) for part in parts):
            state.string_array_value.data.extend(parts)
        case [*parts] if all(isinstance(part, int | float) and abs(part) < 1e300 for part in parts):
            state.double_array_value.data.extend(parts)
        case _:
            state.json_value = json.dumps(value)
    return state


def trigger_of(identity: str, event: str, value: Any) -> WidgetState:
    """An event of a component, as its browser side sends it."""
    from streamlit.components.v2.bidi_component.main import _make_trigger_id

    state = WidgetState(id=_make_trigger_id(identity, "events"))
    state.json_trigger_value = json.dumps([{"event": event, "value": value}])
    return state


class _Http:
    """One request; within `with` its answer, read to the end."""

    def __init__(self, port: int, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None):
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SILENT)
        self._connection.request(method, path, body, headers or {})

    def __enter__(self) -> http.client.HTTPResponse:
        answer = self._connection.getresponse()
        answer.read()
        return answer

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def _multipart(name: str, content: bytes) -> tuple[bytes, str]:
    border = "border-of-the-parts"
    safe = "".join(letter if letter.isprintable() and letter not in '"\\' else "_" for letter in name)
    head = f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="{safe}"\r\n\r\n'
    return head.encode() + content + f"\r\n--{border}--\r\n".encode(), border
