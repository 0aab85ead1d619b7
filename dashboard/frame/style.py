"""The page's own style rules. Imports nothing of the science: the home page comes before it."""

from pathlib import Path

import streamlit as st

STYLE = f"<style>{(Path(__file__).parent / 'style.css').read_text(encoding='utf-8')}</style>"
EMBEDDED = "<style>[data-testid='stMainBlockContainer'] { padding: 0.5rem 1rem 0 !important; }</style>"
PRESENT = f"<style>{(Path(__file__).parent / 'present.css').read_text(encoding='utf-8')}</style>"


def style(embedded: bool = False, present: bool = False) -> None:
    """Once a run, before anything that uses them."""
    st.html(STYLE + (EMBEDDED if embedded else "") + (PRESENT if present else ""))
