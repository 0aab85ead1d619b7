"""The gallery: a card for every page, its moving picture, its equation, its scenes as links, and a search over them.

One component, drawn by the browser from the index: searching costs no run of the page. Links are real ones (a new tab
works); a plain click stays in this session.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import streamlit as st

from dashboard.views.home.index import cards

MOST = 8_000  # characters of a link's parameters
_HERE = Path(__file__).parent

# In the page's own document, not in a shadow root: so the style sheet of KaTeX reaches the equations.
_component = st.components.v2.component(
    "gradient_flow_lab_gallery",
    html='<div class="gf-gallery"></div>',
    css=(_HERE / "gallery.css").read_text(encoding="utf-8"),
    js=(_HERE / "gallery.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def gallery() -> None:
    """Draw it; goes to the page of a link that was clicked."""
    result = _component(key="gallery", data={"cards": cards()}, on_open_change=lambda: None)
    target = read_link(result.get("open"))
    if target is not None:
        page, parameters = target
        st.switch_page(f"views/{page}/page.py", query_params=parameters)


def read_link(value: Any) -> tuple[str, list[tuple[str, str]]] | None:
    """The page and the parameters of a click, as the browser sent it; None where it is no link of ours."""
    if not isinstance(value, dict):
        return None
    page, query = value.get("page"), value.get("query", "")
    if not isinstance(query, str) or len(query) > MOST or page not in [card["page"] for card in cards()]:
        return None
    return page, parse_qsl(query, keep_blank_values=True)
