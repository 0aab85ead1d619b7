"""Holds back what a run of a page sends, so that its picture reaches the browser first.

The browser draws elements in the order in which it receives them, and for those around a picture it takes 60 ms and
more before it looks at the picture. In a run that only changes a page which the browser shows already, the picture can
go first: its place on the page exists.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner import get_script_run_ctx


class HeldBack:
    """What this run sends from now on, until `release` sends it. Inside `with held.passing():` it is sent at once."""

    def __init__(self) -> None:
        self._context = get_script_run_ctx(suppress_warning=True)
        self._messages: list[ForwardMsg] = []
        if self._context is not None:
            self._send, self._context._enqueue = self._context._enqueue, self

    def __call__(self, message: ForwardMsg) -> None:
        self._messages.append(message)

    @contextmanager
    def passing(self) -> Iterator[None]:
        if self._context is None:
            yield
            return
        held, self._context._enqueue = self._context._enqueue, self._send
        try:
            yield
        finally:
            self._context._enqueue = held

    def release(self) -> None:
        """Send what was held back, in its order, and hold back nothing any more."""
        if self._context is not None:
            self._context._enqueue = self._send
        while self._messages:
            self._send(self._messages.pop(0))


@contextmanager
def nothing_stays_back() -> Iterator[None]:
    """A context around the run of a page: after it the run sends as before, whatever ended it.

    What a run held back that its visitor has left (one of Streamlit's control exceptions ended it) is dropped.
    """
    context = get_script_run_ctx(suppress_warning=True)
    if context is None:
        yield
        return
    send = context._enqueue
    try:
        yield
    except Exception:
        if isinstance(context._enqueue, HeldBack):
            context._enqueue.release()
        raise
    finally:
        context._enqueue = send
