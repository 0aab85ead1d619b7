"""A small app for tests, started like the dashboard: a home page and the page of `fake_demo`."""

import sys
from pathlib import Path

import streamlit as st

HERE = Path(__file__).resolve().parent
if str(HERE.parents[1]) not in sys.path:
    sys.path.insert(0, str(HERE.parents[1]))

from dashboard.frame.visit import visited  # noqa: E402
from dashboard.runtime.held_back import nothing_stays_back  # noqa: E402
from dashboard.runtime.resume import rehearsed  # noqa: E402

st.set_page_config(page_title="Fake", layout="wide")
pages = [
    st.Page(lambda: st.title("Start"), title="Start", url_path="start", default=True),
    st.Page(HERE / "fake_page.py", title="Decay", url_path="fake"),
]
page = st.navigation(pages, position="hidden" if st.context.is_embedded else "top")
visited(page.url_path)
with rehearsed(), nothing_stays_back():
    page.run()
