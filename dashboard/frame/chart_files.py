"""Downloads of the page's charts as SVG, made in the browser from the charts that it has drawn.

They are not made on the server: a Vega renderer there needs a JavaScript engine, which takes more memory than is free,
and its charts would differ from those on the page, without the page's theme, fonts and width.
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
    """Draw a download button for each chart on the page; the files' names begin with `name`."""
    _component(key="export-charts", data={"name": name})
