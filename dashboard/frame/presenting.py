"""Presentation mode (`?present=true`): the picture, its sentence and the verdict's headline, large enough for a hall.

←/→, ↑/↓ and Page Up/Down go through the scenes, and Esc leaves the mode. While the player has the focus, it uses ←/→
itself.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.player.events import sent
from dashboard.player.keys import keys
from demos.contract import Control

PARAMETER = "present"  # the name of the address's parameter; no field of any demo's config has it


def presenting() -> bool:
    """Whether the address asks for presentation mode. `playing` reports a value that is neither true nor false."""
    try:
        return Control("flag", PARAMETER).read(PARAMETER, st.query_params.get(PARAMETER, "false"))
    except ValueError:
        return False


def begin() -> None:
    """Enter presentation mode; to be called from a callback."""
    st.query_params[PARAMETER] = "true"


def leave() -> None:
    """Leave presentation mode; to be called from a callback."""
    st.query_params.pop(PARAMETER, None)


def listen(key: str, go: Callable[[int], None]) -> None:
    """Listen to the keys: they call `go(1)` for the next scene and `go(-1)` for the one before; Esc leaves the mode."""

    def pressed() -> None:
        step = sent(key, "go")
        if step in (1, -1):
            go(step)
        elif step == 0:
            leave()

    keys(key=key, on_go_change=pressed, height=1)
