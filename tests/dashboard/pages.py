"""Pages in process, without a browser: opened from an address, and read."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from streamlit.testing.v1 import AppTest

from demos.picture.payload import decode

APP = Path(__file__).resolve().parents[2] / "dashboard" / "app.py"


def page(name: str, *, embedded: bool = False, tab: str = "", **parameters: str) -> AppTest:
    """The page /name with these parameters in its address, run once. tab: the title of the open tab of charts."""
    app = AppTest.from_file(str(APP), default_timeout=120)
    app.context = {"is_embedded": embedded, "url": f"http://here/{name}"}
    if tab:
        app.session_state[f"{name}-charts"] = tab
    app.run()
    for key, value in parameters.items():
        app.query_params[key] = value
    return app.switch_page(f"views/{name}/page.py").run()


def panels(app: AppTest) -> list:
    """The panels of the one picture that is shown."""
    assert not app.exception, app.exception
    player, *_ = app.get("bidi_component")  # its channel follows it, where something can be dragged
    return decode(player.proto.bytes)["panels"]


def players(app: AppTest) -> list:
    """The components that show a picture; others say or hear something."""
    return [one for one in app.get("bidi_component") if one.proto.bytes]


def sentences(app: AppTest) -> list[str]:
    """The texts of the warnings, without the marks that keep their signs from being formatted."""
    return [warning.value.replace("\\", "") for warning in app.warning]


def html(app: AppTest) -> str:
    """All that is drawn as HTML: the table of checks, the embedded line."""
    return "".join(block.proto.body for block in app.get("html"))


def words(markup: str) -> str:
    """HTML without its tags, as a person reads it."""
    return unescape(re.sub(r"<[^>]*>", "", markup))
