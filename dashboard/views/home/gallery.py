"""The gallery: one card for each page, with its animation, its equation and links to its scenes; and a search.

It is one component, which the browser draws from the index, so that a search needs no run of the page. Its links have
real addresses, which can be opened in a new tab; a plain click stays in the same session.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import streamlit as st

from dashboard.views.home.index import cards

MOST = 8_000  # the most characters of a link's query
_HERE = Path(__file__).parent

# Not in a shadow root (isolate_styles=False), so that the page's style sheet of KaTeX applies to the equations.
_component = st.components.v2.component(
    "gradient_flow_lab_gallery",
    html='<div class="gf-gallery"></div>',
    css=(_HERE / "gallery.css").read_text(encoding="utf-8"),
    js=(_HERE / "gallery.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def gallery() -> None:
    """Draw the gallery. If a link was clicked, go to its page."""
    result = _component(key="gallery", data={"cards": cards()}, on_open_change=lambda: None)
    target = read_link(result.get("open"))
    if target is not None:
        page, parameters = target
        st.switch_page(f"views/{page}/page.py", query_params=parameters)


def read_link(value: Any) -> tuple[str, list[tuple[str, str]]] | None:
    """(page, parameters) of a clicked link, as the browser sent it; None where it is not a link of the gallery."""
    if not isinstance(value, dict):
        return None
    page, query = value.get("page"), value.get("query", "")
    if not isinstance(query, str) or len(query) > MOST or page not in [card["page"] for card in cards()]:
        return None
    return page, parse_qsl(query, keep_blank_values=True)
