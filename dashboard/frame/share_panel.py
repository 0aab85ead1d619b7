"""The Share panel: a link to the page's config, an iframe for slides, a QR code, and the settings as JSON.

The browser assembles the iframe and copies it (share_panel.js), without a run of the page. Settings can also be pasted.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import segno
import streamlit as st
import streamlit.components.v2 as components

from dashboard.frame import settings_file
from dashboard.frame.controls import Controls
from dashboard.player.events import sent
from demos.contract import Config, Family

DARK, LIGHT = "#1c1b19", "#ffffff"  # of the QR code in both themes: cameras need it dark on light
BORDER = 2  # of the QR code, in modules
_HERE = Path(__file__).parent

_component = components.component(
    "gradient_flow_lab_share",
    js=(_HERE / "share_panel.js").read_text(encoding="utf-8"),
    css=(_HERE / "share_panel.css").read_text(encoding="utf-8"),
)


def link(family: Family, config: Config, base: str, embed: bool = False) -> str:
    """The full address of a config. base: any address of the same page. embed: whether it shows an embedded page."""
    parts = urlsplit(base)
    query = "&".join(part for part in ("embed=true" if embed else "", family.query(config)) if part)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def qr_code(text: str) -> str:
    """The text as a QR code: an SVG in a data URI; "" where the text is too long (more than about 2,900 bytes)."""
    try:
        return segno.make(text, error="l", micro=False).svg_data_uri(dark=DARK, light=LIGHT, border=BORDER, scale=4)
    except segno.DataOverflowError:
        return ""


def share_panel(controls: Controls) -> None:
    """Draw the button that opens the panel."""
    key = f"{controls.family.name}-share-open"
    panel = st.popover("Share", icon=":material/share:", type="tertiary", key=key, on_change="rerun")
    if panel.open:
        with panel:
            _draw(controls)


def _draw(controls: Controls) -> None:
    family, config, key = controls.family, controls.config, f"{controls.family.name}-share"
    base = st.context.url or ""
    address = link(family, config, base)

    def taken() -> None:
        try:
            controls.put(settings_file.read(family, sent(key, "settings")))
        except ValueError as problem:
            controls.refuse(str(problem))

    data = {
        "link": address,
        "embedded": link(family, config, base, embed=True),
        "title": family.title,
        "qr": qr_code(address),
        "settings": settings_file.write(family, config),
        "most": settings_file.MOST,
        "name": family.name,
    }
    _component(key=key, data=data, on_settings_change=taken)
