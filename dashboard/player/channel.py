"""The channel between the player and a fragment of the page: it receives drag events and sends back patches.

A patch replaces parts of the picture while the visitor drags a handle. The player is outside of the fragment, so that a
patch costs one run of the fragment and one small message, however large the picture and the page are. The channel is a
second component, which is invisible; in the browser the two exchange events of the document (see drag.js, patch.js and
channel.js).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard.player.code import HIDE, script
from dashboard.player.events import Drag, read_drag, sent
from demos.picture import Patch
from demos.picture.payload import encode_patch, no_patch

_component = st.components.v2.component("gradient_flow_lab_channel", js=script("channel", HIDE))


def open_channel(key: str, payload: bytes, answer: Callable[[Drag], Patch] | None) -> None:
    """Draw the channel of the player `key` that shows `payload`. To be called in each run of the page, right after the
    player. answer: returns the patch for an event."""
    _channel(key, payload, answer, {"whole": True})


def ended(key: str, drag: Drag) -> None:
    """Record, in a callback of the player, that the drag is over: the page's run replaces the patched picture."""
    st.session_state[f"{key}-ended"] = drag.number


@st.fragment
def _channel(key: str, payload: bytes, answer: Callable[[Drag], Patch] | None, run: dict[str, Any]) -> None:
    """run: {"whole": True} in a run of the whole page. It is emptied then, so that later runs of the fragment alone,
    which get the same dictionary, can tell the difference."""
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
    """The patch for an event; an empty one where `answer` has none, so that the last patch stays on the picture."""
    if answer is None:
        return Patch()
    try:
        return answer(drag)
    except ValueError:
        return Patch()
