"""The page's own CSS. This module imports no demo, because the home page is shown before the demos are imported."""

from pathlib import Path

import streamlit as st

STYLE = f"<style>{(Path(__file__).parent / 'style.css').read_text(encoding='utf-8')}</style>"
EMBEDDED = "<style>[data-testid='stMainBlockContainer'] { padding: 0.5rem 1rem 0 !important; }</style>"
PRESENT = f"<style>{(Path(__file__).parent / 'present.css').read_text(encoding='utf-8')}</style>"


def style(embedded: bool = False, present: bool = False) -> None:
    """Add the CSS to the page: once in each run, before any element that needs it."""
    st.html(STYLE + (EMBEDDED if embedded else "") + (PRESENT if present else ""))
