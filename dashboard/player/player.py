"""The player: shows an animated picture, which the browser draws from one payload (see demos/picture/payload).

The payload is sent once. Playing, scrubbing, rotating, switching layers and saving happen in the browser without a
rerun. A rerun with the same payload neither sends it again nor restarts the animation.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.player.channel import ended, open_channel
from dashboard.player.code import LOADER, bring_code
from dashboard.player.events import Drag, Drop, Pick, Stroke, read_drag, read_drop, read_pick, read_stroke, sent
from demos.picture import Patch
from demos.picture.payload import head
from demos.picture.player import style

__all__ = ["Drag", "Drop", "Pick", "Stroke", "player"]

_component = st.components.v2.component("gradient_flow_lab_player", js=LOADER, css=style())


def player(
    payload: bytes,
    *,
    key: str,
    height: int | str = "content",
    on_click: Callable[[Drop], None] | None = None,
    on_stroke: Callable[[Stroke], None] | None = None,
    on_pick: Callable[[Pick | None], None] | None = None,
    on_drag: Callable[[Drag], None] | None = None,
    while_dragging: Callable[[Drag], Patch] | None = None,
) -> Drop | None:
    """Show `payload`, the bytes of `demos.picture.payload.encode`.

    height: "content" for the height that the picture asks for (by its aspect, bounded by the window), a number of
    pixels, or "stretch" to fill the container. key: must stay the same from run to run, so that the browser keeps the
    player.

    Callbacks, called before the script runs with an event that was checked against the shown payload:
    on_click: a click on a `clickable` panel (the run that it causes also returns it);
    on_stroke: the end of a stroke on a panel with a `brush`;
    on_pick: a point was chosen on a `pickable` panel, or deselected (None). The browser itself shows the point's path;
    on_drag: a handle (`demos.picture.Handles`) was let go at another position.
    while_dragging is called during a drag, in a fragment, so that the page does not run; never twice at the same time.
    It returns the `Patch` of the picture for the present position, or raises ValueError where there is none; it must
    not draw. See `dashboard.player.channel`.

    Settings in `encode(picture, **extra)`: `compact=True` bounds the picture so that the window shows it whole, with
    its controls and `reserve` free pixels (default 56) below them.
    """

    shown = head(payload)  # without the arrays: the session keeps the callbacks, and whatever they refer to

    def clicked() -> None:
        drop = read_drop(sent(key, "drop"), shown)
        if drop is not None and on_click is not None:
            on_click(drop)

    def painted() -> None:
        stroke = read_stroke(sent(key, "stroke"), shown)
        if stroke is not None and on_stroke is not None:
            on_stroke(stroke)

    def picked() -> None:
        fine, pick = read_pick(sent(key, "pick"), shown)
        if fine and on_pick is not None:
            on_pick(pick)

    def dragged() -> None:
        drag = read_drag(sent(key, "drag"), shown)
        if drag is None:
            return
        ended(key, drag)
        if on_drag is not None:
            on_drag(drag)

    result = _component(
        key=key, data=payload, height=height, on_drop_change=clicked, on_stroke_change=painted, on_pick_change=picked,
        on_drag_change=dragged,
    )  # fmt: skip
    bring_code(key)
    if on_drag is not None or while_dragging is not None:
        open_channel(key, shown, while_dragging)
    return read_drop(result.get("drop"), shown)
