"""Drops forged control states: values that this dashboard's page would never send, such as a word for a slider.

Streamlit 1.67 parses the state of a control when it is first read, and treats a value of the wrong type as an error of
the program: it logs a traceback at every later run, and the visitor cannot use the page any more. This harms only the
visitor who sent it, but a log full of such tracebacks hides the one that matters. With `drop_forged`, such a state
counts as not sent.
"""

from __future__ import annotations

import logging
from typing import Any

from streamlit.runtime.state.session_state import Serialized, WStates

_log = logging.getLogger(__name__)
_read = WStates.__getitem__
NUMBERS = frozenset({"int_value", "double_value"})  # a number input may send either, whichever it declares


def drop_forged() -> None:
    """Make Streamlit drop forged control states from now on, in all sessions: replaces its method that reads them."""
    WStates.__getitem__ = _checked


def _checked(self: WStates, k: str) -> Any:
    """The value of control `k`. Raises KeyError, which Streamlit takes as "not sent", where the state is forged."""
    state, known = self.states.get(k), self.widget_metadata.get(k)
    if not isinstance(state, Serialized) or known is None:
        return _read(self, k)
    sent, due = state.value.WhichOneof("value"), known.value_type
    problem = f"{sent} instead of {due}"
    if sent is None or due is None or sent == due or {sent, due} == NUMBERS:
        try:
            return _read(self, k)
        except Exception as error:  # the value does not parse; Streamlit's control exceptions are no `Exception`
            problem = type(error).__name__
    _log.warning("A control's state was dropped: %s", problem)
    raise KeyError(k)
