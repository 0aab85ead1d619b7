"""An invisible component that listens to the keys of presentation mode: see keys.js."""

from pathlib import Path

import streamlit as st

keys = st.components.v2.component(
    "gradient_flow_lab_keys", js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
)
