"""The JavaScript of the player, which draws a payload (see `demos.picture.payload`) in a browser.

The dashboard's component and exported files use the same scripts. They are joined into one module, which exports one
function, `({ data, parentElement, setTriggerValue }) => stop`. data: the payload, a Uint8Array. parentElement: a
shadow root that contains `style()`. setTriggerValue(name, value): called for each event of the visitor in the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

SCRIPTS = """decode numbers rich colormaps camera figure legend axes fields contours points arrows markers curves lines
    space spheres globe cells surface layers annotations brush pick handles drag patch transport timeline save gif
    webp animate pointer input clock stage player""".split()
"""The scripts in the order in which they are joined into one module: the code of a component cannot import others."""

_HERE = Path(__file__).parent


def without_comments(code: str) -> str:
    """JavaScript without comment lines, empty lines and indentation, because it is sent with every picture.

    A comment after code on the same line is kept.
    """
    lines, inside = [], False
    for line in map(str.strip, code.splitlines()):
        if inside or line.startswith("/*"):
            inside = "*/" not in line
        elif line and not line.startswith("//"):
            lines.append(line)
    return "\n".join(lines)


def module(scripts: Sequence[str] = tuple(SCRIPTS)) -> str:
    """The scripts, joined into one module."""
    return without_comments("\n".join((_HERE / f"{name}.js").read_text(encoding="utf-8") for name in scripts))


def style() -> str:
    """The style sheet of the player, for its shadow root."""
    return (_HERE / "player.css").read_text(encoding="utf-8")
