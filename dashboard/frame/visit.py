"""Visits: which page a session is on, and how often it has changed. Imports nothing of the science."""

import streamlit as st

VISIT = "visit"  # session state: counts the changes of page


def visited(page: str) -> None:
    """The session is on this page now; in every run, before the page itself."""
    if st.session_state.get("page") != page:
        st.session_state["page"] = page
        st.session_state[VISIT] = st.session_state.get(VISIT, 0) + 1
