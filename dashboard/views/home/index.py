"""What the home page knows of the demos without importing them: `index.json`, and the pictures in `static/home`.

`python -m dashboard.views.home.prepare` makes both from the demos; a test holds the index to them.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from demos.registry import menu

HERE = Path(__file__).resolve().parent
INDEX = HERE / "index.json"
PICTURES = HERE.parents[1] / "static" / "home"
KINDS = ("light", "dark")  # the ends of the pictures' names
SERVED = "app/static/home"  # where Streamlit serves that folder, beside the page


@cache
def index() -> dict[str, dict[str, Any]]:
    """Page -> the parts of its equation (`tex`, and `equation`: the same as KaTeX's HTML) and its scenes.

    A scene: title, sentence, query (the parameters of its address), group (its member's title where the page has
    several, else "") and tries (what its visitor is told to try, and what comes of it).
    """
    return json.loads(INDEX.read_text(encoding="utf-8"))


@cache
def cards() -> list[dict[str, Any]]:
    """Every page of the menu as the gallery shows it; one that the index does not know yet has its words alone."""
    known = index()
    unknown = {"tex": [], "equation": [], "scenes": []}
    return [
        {"page": name, "title": entry.title, "sentence": entry.sentence, "picture": picture(name)}
        | known.get(name, unknown)
        for name, entry in menu().items()
    ]


def picture(name: str) -> str:
    """The address of a page's picture without its kind and ending; "" where one is missing."""
    there = all((PICTURES / f"{name}-{kind}.webp").exists() for kind in KINDS)
    return f"{SERVED}/{name}" if there else ""
