"""Keeps a visitor's first change of a control after the server has lost the session.

A session ends a minute after its connection closes, and when the server restarts. The page stays in the browser and
looks alive. The visitor's next change opens a new session, whose first message holds the states of all controls, one of
them just changed. But the new session has drawn no control, so it knows neither their names nor their callbacks; it
would draw the page from its address and ignore the change. Therefore the first run of such a session is a rehearsal: it
draws the page of the address without sending it, which registers the controls, and then handles the same message again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.scriptrunner import RerunData, StopException, get_script_run_ctx

KNOWN = "page-known"  # session state: whether this session has drawn the page that its browser shows


def rehearsing() -> bool:
    """Whether this run of a page is a rehearsal."""
    return not st.session_state.get(KNOWN, True)


@contextmanager
def rehearsed() -> Iterator[None]:
    """A context around the run of a page, which makes the run a rehearsal where one is needed (see above).

    A rehearsal ends with Streamlit's control exception for a rerun. A change that arrives during the rehearsal starts
    it anew; the browser's message then holds both changes.
    """
    context = get_script_run_ctx(suppress_warning=True)
    states = WidgetStates(widgets=context.session_state.get_widget_states() if context is not None else ())
    if KNOWN not in st.session_state:  # an ordinary visitor's first message has no states of controls
        st.session_state[KNOWN] = not states.widgets
    if context is None or context.script_requests is None or st.session_state[KNOWN]:
        yield
        return
    send = context._enqueue
    context._enqueue = lambda message: None
    try:
        yield
    except StopException:  # the page of the address ended early: the message is handled all the same
        pass
    finally:
        context._enqueue = send
    st.session_state[KNOWN] = True
    again = RerunData(
        query_string=context.query_string,
        page_script_hash=context.page_script_hash,
        widget_states=states,
        cached_message_hashes=context.cached_message_hashes,
        context_info=context.context_info,
    )
    context.script_requests.request_rerun(again)
    st.session_state.get("-")  # at this access Streamlit starts the requested rerun
