"""Helpers that run a page of the dashboard by AppTest, without a browser, and read its elements."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from streamlit.testing.v1 import AppTest

from demos.picture.payload import decode

APP = Path(__file__).resolve().parents[2] / "dashboard" / "app.py"


def page(name: str, *, embedded: bool = False, tab: str = "", **parameters: str) -> AppTest:
    """Open the page /name with these parameters in its address. tab: the title of the open tab of charts."""
    app = AppTest.from_file(str(APP), default_timeout=120)
    app.context = {"is_embedded": embedded, "url": f"http://here/{name}"}
    if tab:
        app.session_state[f"{name}-charts"] = tab
    app.run()
    for key, value in parameters.items():
        app.query_params[key] = value
    return app.switch_page(f"views/{name}/page.py").run()


def open_tab(app: AppTest, name: str, tab: str) -> AppTest:
    """Go to another tab of charts of the page /name: its run is kept, and only the tab is computed."""
    app.session_state[f"{name}-charts"] = tab
    return app.run()


def panels(app: AppTest) -> list:
    """The panels of the first picture on the page."""
    assert not app.exception, app.exception
    player, *_ = app.get("bidi_component")  # other components, such as the player's channel, follow
    return decode(player.proto.bytes)["panels"]


def players(app: AppTest) -> list:
    """The components that show a picture: the ones with a payload."""
    return [one for one in app.get("bidi_component") if one.proto.bytes]


def sentences(app: AppTest) -> list[str]:
    """The texts of the warnings, without the backslashes that escape Markdown."""
    return [warning.value.replace("\\", "") for warning in app.warning]


def html(app: AppTest) -> str:
    """All HTML on the page, joined: it contains the verdict."""
    return "".join(block.proto.body for block in app.get("html"))


def words(markup: str) -> str:
    """The text of HTML, without its tags."""
    return unescape(re.sub(r"<[^>]*>", "", markup))
