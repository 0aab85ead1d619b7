"""Records in the session which page is shown, and counts the changes of page. This module imports no demo."""

import streamlit as st

VISIT = "visit"  # key of the session state: the number of changes of page


def visited(page: str) -> None:
    """Record that the session shows this page; to be called in every run, before the page is drawn."""
    if st.session_state.get("page") != page:
        st.session_state["page"] = page
        st.session_state[VISIT] = st.session_state.get(VISIT, 0) + 1
