"""The address of what is on the page, to copy: as a link, and as a frame for a slide."""

from __future__ import annotations

from html import escape
from urllib.parse import urlsplit, urlunsplit

import streamlit as st

from demos.contract import Config, Family


def link(family: Family, config: Config, base: str, embed: bool = False) -> str:
    """The full address of a config; `base` is any address of the same page. `embed` shows the picture alone."""
    parts = urlsplit(base)
    query = "&".join(part for part in ("embed=true" if embed else "", family.query(config)) if part)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def frame(family: Family, config: Config, base: str) -> str:
    """HTML that shows the config in another page: in reveal.js or Quarto, for example."""
    address, title = escape(link(family, config, base, embed=True)), escape(family.title)
    return f'<iframe src="{address}" title="{title}" width="100%" height="720" allow="fullscreen"></iframe>'


def share_button(family: Family, config: Config) -> None:
    """A small button that unfolds to the link and the frame, each with its copy button."""
    base = st.context.url or ""
    with st.popover("Copy link", icon=":material/link:", type="tertiary"), st.container(key="share"):
        st.markdown("**Link** to this very picture")
        st.code(link(family, config, base), language=None, wrap_lines=True)
        st.markdown("**Frame** for a slide or a page: the picture, its transport, its checks")
        st.code(frame(family, config, base), language="html", wrap_lines=True)
        if not copies(base):
            st.caption("On plain http browsers let no button copy: click a text, which selects it, and press Ctrl+C.")


def copies(base: str) -> bool:
    """Whether a browser lets a button copy on a page of this address: on https, and on the machine itself."""
    parts = urlsplit(base)
    host = parts.hostname or ""
    return parts.scheme != "http" or host in ("localhost", "127.0.0.1", "::1") or host.endswith(".localhost")
