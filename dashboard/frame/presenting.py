"""Present: the picture, its sentence and its headline at the size for the last row of a hall, in `?present=true`.

←/→, ↑/↓ and Page Up/Down go through the scenes (the player has ←/→ while it has the focus), Esc leaves.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.player.events import sent
from dashboard.player.keys import keys

PARAMETER = "present"  # of the address: no setting of any demo


def presenting() -> bool:
    """Whether the address asks for it."""
    return st.query_params.get(PARAMETER) == "true"


def begin() -> None:
    """Present, from a callback."""
    st.query_params[PARAMETER] = "true"


def leave() -> None:
    """Back to the whole page, from a callback."""
    st.query_params.pop(PARAMETER, None)


def listen(key: str, go: Callable[[int], None]) -> None:
    """Hear the keys: `go(1)` on, `go(-1)` back; Esc leaves."""

    def pressed() -> None:
        step = sent(key, "go")
        if step in (1, -1):
            go(step)
        elif step == 0:
            leave()

    keys(key=key, on_go_change=pressed, height=1)
