"""Charts as SVG, made in the browser from what it has drawn.

Not on the server: a renderer of Vega there brings an engine for JavaScript, which takes more memory than is left, and
would draw another chart than the one that is seen, without the page's theme, fonts and width.
"""

from __future__ import annotations

from pathlib import Path

import streamlit.components.v2 as components

_HERE = Path(__file__)

_component = components.component(
    "gradient_flow_lab_chart_files",
    js=_HERE.with_suffix(".js").read_text(encoding="utf-8"),
    css=_HERE.with_suffix(".css").read_text(encoding="utf-8"),
)


def chart_files(name: str) -> None:
    """A button for each chart that stands on the page; `name` begins the files' names."""
    _component(key="export-charts", data={"name": name})
