"""Between the player and a fragment of the page: events while something is dragged, and the patches that answer them.

The player stands outside of the fragment, so that an answer costs one run of the fragment and one small message,
however large the picture and the page are. The channel is a second component, which shows nothing; in the browser the
two talk by events of the document (see drag.js, patch.js and channel.js).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.player.events import Drag, read_drag, sent
from demos.picture import Patch
from demos.picture.payload import encode_patch, no_patch

_component = st.components.v2.component(
    "gradient_flow_lab_channel", js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
)


def open_channel(key: str, payload: bytes, answer: Callable[[Drag], Patch] | None) -> None:
    """The channel of the player `key` that shows `payload`; in the run of the page, right after the player."""
    _channel(key, payload, answer, {"whole": True})


def ended(key: str, drag: Drag) -> None:
    """A callback of the player: the gesture is over, and the page runs. What was patched before goes, or a new
    picture comes."""
    st.session_state[f"{key}-ended"] = drag.number


@st.fragment
def _channel(key: str, payload: bytes, answer: Callable[[Drag], Patch] | None, run: dict[str, Any]) -> None:
    """run: what this run of the page says to the runs of the fragment alone that follow it."""
    name, heard = f"{key}-channel", f"{key}-heard"

    def said() -> None:
        st.session_state[heard] = sent(name, "drag")

    event = st.session_state.pop(heard, None)
    drag = read_drag(event, payload)
    if run.pop("whole", False) or drag is None:
        data = no_patch(payload, st.session_state.get(f"{key}-ended", 0))
    else:
        data = encode_patch(_answer(drag, answer), payload, drag.number)
    _component(key=name, data=data, height=1, on_drag_change=said)


def _answer(drag: Drag, answer: Callable[[Drag], Patch] | None) -> Patch:
    """Nothing changes where a place has no answer: then the last one stays, and the next event is sent."""
    if answer is None:
        return Patch()
    try:
        return answer(drag)
    except ValueError:
        return Patch()
