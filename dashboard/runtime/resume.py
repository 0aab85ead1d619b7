"""A browser that comes back to a server that no longer knows it: the first thing its visitor does there must count.

A session ends a minute after its connection, and with the server's process. The page in the browser stays, and looks
alive. What its visitor does next opens a new session whose first message brings the states of all controls, one of them
just changed; but this session has drawn none of them, knows neither their names nor their callbacks, and would draw the
page from the address as if nothing had been asked for. So the first run of such a session is a rehearsal: it draws the
page of the address for nobody, which makes the controls known, and then the message is heard again, as it would have
been in the session that was lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.scriptrunner import RerunData, StopException, get_script_run_ctx

KNOWN = "page-known"  # session state: whether this session has drawn what its browser shows


@contextmanager
def rehearsed() -> Iterator[None]:
    """Around the run of the page. It ends, where it was a rehearsal, with Streamlit's control exception.

    A change that comes while the rehearsal lasts begins it anew: the browser's message then holds both changes.
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
    except StopException:  # the page of the address ended early: the message is heard all the same
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
    st.session_state.get("-")  # where Streamlit looks for the request
