"""States of controls that no browser of ours would send: they are as if they had not been sent.

Streamlit 1.67 reads the state of a control when it is first asked for, and takes what its browser side never sends (a
word for a slider, a file of another kind) as an error of the program: a trace in the log at every run from then on, and
a page that its visitor cannot use again. Only he is harmed; but a log full of traces hides the one that matters.
"""

from __future__ import annotations

import logging
from typing import Any

from streamlit.runtime.state.session_state import Serialized, WStates

_log = logging.getLogger(__name__)
_read = WStates.__getitem__
NUMBERS = frozenset({"int_value", "double_value"})  # a number input is declared as the one and may send the other


def drop_forged() -> None:
    """From now on, for all sessions."""
    WStates.__getitem__ = _checked


def _checked(self: WStates, k: str) -> Any:
    """The value of a control; KeyError, which Streamlit takes as "none was sent", where what was sent is none."""
    state, known = self.states.get(k), self.widget_metadata.get(k)
    if not isinstance(state, Serialized) or known is None:
        return _read(self, k)
    sent, due = state.value.WhichOneof("value"), known.value_type
    problem = f"{sent} instead of {due}"
    if sent is None or due is None or sent == due or {sent, due} == NUMBERS:
        try:
            return _read(self, k)
        except Exception as error:  # of the reader: the control exceptions of a run are none of these
            problem = type(error).__name__
    _log.warning("A control's state was dropped: %s", problem)
    raise KeyError(k)
