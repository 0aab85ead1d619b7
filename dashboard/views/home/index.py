"""The home page's data about the demos: `index.json`, and the pictures in `static/home`. It needs no import of a demo.

`python -m dashboard.views.home.prepare` generates both from the demos; a test compares the index with them.
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
KINDS = ("light", "dark")  # the last part of the pictures' names
SERVED = "app/static/home"  # the relative address at which Streamlit serves `PICTURES`


@cache
def index() -> dict[str, dict[str, Any]]:
    """Page -> {tex, equation, scenes}. tex: the parts of its equation; equation: the same parts as HTML of KaTeX.

    Each scene has a title, a sentence, a query (the parameters of its address), a group (the title of its demo if the
    page has several, else "") and tries (the instruction and the outcome of its experiment).
    """
    return json.loads(INDEX.read_text(encoding="utf-8"))


@cache
def cards() -> list[dict[str, Any]]:
    """The cards of all pages in the menu. A page that is missing from the index has no equation and no scenes."""
    known = index()
    unknown = {"tex": [], "equation": [], "scenes": []}
    return [
        {"page": name, "title": entry.title, "sentence": entry.sentence, "picture": picture(name)}
        | known.get(name, unknown)
        for name, entry in menu().items()
    ]


def picture(name: str) -> str:
    """The address of a page's pictures, without "-light.webp" or "-dark.webp"; "" if one of the two is missing."""
    there = all((PICTURES / f"{name}-{kind}.webp").exists() for kind in KINDS)
    return f"{SERVED}/{name}" if there else ""
