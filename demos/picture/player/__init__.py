"""The player's own sources: what draws a payload (see `demos.picture.payload`) in a browser.

They are here so that the dashboard's component and a file that stands alone play the same ones. The module exports one
function, `({ data, parentElement, setTriggerValue }) => stop`: data is the payload, a Uint8Array; parentElement a
shadow root that has `style()`; setTriggerValue(name, value) hears what a person does in the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

SCRIPTS = """decode numbers rich colormaps camera figure legend axes fields contours points arrows markers curves lines
    space spheres globe cells surface layers annotations brush pick handles drag patch transport timeline save gif
    webp animate pointer input clock stage player""".split()
"""One subject a file, joined in this order into one module (component code cannot import)."""

_HERE = Path(__file__).parent


def without_comments(code: str) -> str:
    """JavaScript without lines of comments, empty lines and indentation: it travels with every picture.

    A comment that begins on a line of code stays.
    """
    lines, inside = [], False
    for line in map(str.strip, code.splitlines()):
        if inside or line.startswith("/*"):
            inside = "*/" not in line
        elif line and not line.startswith("//"):
            lines.append(line)
    return "\n".join(lines)


def module(scripts: Sequence[str] = tuple(SCRIPTS)) -> str:
    """The scripts as one module."""
    return without_comments("\n".join((_HERE / f"{name}.js").read_text(encoding="utf-8") for name in scripts))


def style() -> str:
    """The style sheet of the player, for its shadow root."""
    return (_HERE / "player.css").read_text(encoding="utf-8")
