"""A page that plays pictures without a server: one HTML file that contains the player and its data.

It works when opened from a disk, in a slide and in `<iframe srcdoc>`. Its content security policy forbids network
requests, so that a file that was sent to somebody else does not report that it is opened.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

from demos.picture.player import module, style, without_comments
from demos.picture.theme import rules

_HERE = Path(__file__).parent
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
MOST = 12  # the most states of a page


@dataclass(frozen=True)
class State:
    """One picture of a page.

    payload: from `demos.picture.payload.encode`. above, below: HTML around the player. value: the text beside the
    page's slider when this picture is chosen.
    """

    payload: bytes
    above: str = ""
    below: str = ""
    value: str = ""


def document(states: Sequence[State], title: str, control: str = "", foot: str = "", theme: str = "auto") -> str:
    """HTML of a page that plays one of the states at a time, chosen by a slider with the label `control`.

    foot: HTML at the end, the same for all states. theme: "light", "dark" or "auto" (the setting of the reader's
    system). Raises ValueError for another theme, and unless there are 1 to 12 states.
    """
    if not 1 <= len(states) <= MOST:
        raise ValueError(f"A page holds 1 to {MOST} states, not {len(states)}.")
    first = states[0]
    several = len(states) > 1
    parts = [
        '<!doctype html>\n<html lang="en"><head>',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        f"<title>{escape(title)}</title>{_head(theme)}</head><body><main>",
        f'<div id="above">{first.above}</div>',
        _slider(control, states) if several else "",
        f'<div id="player"></div><div id="below">{first.below}</div>{foot}</main>',
    ]
    for i, state in enumerate(states):
        if several:
            words = f'<div class="above">{state.above}</div><div class="below">{state.below}</div>'
            parts.append(f'<template id="words-{i}" data-value="{escape(state.value)}">{words}</template>')
        parts.append(f'<script type="text/plain" id="picture-{i}">{packed(state.payload)}</script>')
    parts.append(f'<script type="module">{_script("standalone")}</script></body></html>')
    return "\n".join(part for part in parts if part)


def making(kind: str, theme: str) -> str:
    """HTML of a page that makes a "GIF", "WebP" or "PNG" file and sends it back: see `player.browser`."""
    script = f'<script type="module">{_script("make")}</script>'
    body = f'<body style="padding: 0"><div id="player"></div>{script}</body>'
    head = f"<head><title>{kind}</title>{_head(theme)}</head>"
    return f'<!doctype html>\n<html lang="en" data-kind="{kind}">{head}{body}</html>'


def _head(theme: str) -> str:
    return (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="icon" href="data:,"><style>{rules(theme)}{_file("standalone.css")}</style>'
        f'<style id="player-style" media="not all">{style()}</style>'
    )


def packed(payload: bytes) -> str:
    """The payload, compressed by deflate and encoded in base64."""
    return base64.b64encode(zlib.compress(payload, 6)).decode("ascii")


def frame(page: str, height: int = 620, title: str = "Moving picture") -> str:
    """HTML that embeds a page in another one, such as a notebook's output cell; height in CSS pixels."""
    look = f"width: 100%; height: {height}px; border: 0; color-scheme: normal"
    return f'<iframe srcdoc="{escape(page)}" title="{escape(title)}" style="{look}" allow="fullscreen"></iframe>'


def _slider(label: str, states: Sequence[State]) -> str:
    slider = f'<input id="control" type="range" min="0" max="{len(states) - 1}" step="1" value="0">'
    return (
        f'<div class="gf-turn"><label for="control">{escape(label)}</label>{slider}'
        f'<output id="value" for="control">{escape(states[0].value)}</output></div>'
    )


@cache
def _script(name: str) -> str:
    """The player's module, followed by the script `name` that mounts it."""
    mount = "\n".join(line for line in _file(f"{name}.js").splitlines() if not line.startswith("import "))
    return f"{module()}\n{without_comments(mount)}"


def _file(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
