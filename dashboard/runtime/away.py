"""A word on the page while its server is away, for visitors: Streamlit's own asks them to restart it in a terminal."""

from pathlib import Path

import streamlit as st

_component = st.components.v2.component(
    "gradient_flow_lab_away", js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
)


def watch_connection() -> None:
    """Once a run, at its end: shows nothing while the server is there."""
    _component(key="away", height=1)
