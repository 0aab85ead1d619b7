"""The player: shows a picture that moves, drawn by the browser from one payload (see demos/picture/payload).

The trajectory travels once. Playing, scrubbing, turning, switching layers and saving happen in the browser without a
rerun; a rerun that changes nothing in the picture neither sends it again nor restarts it.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.player.channel import ended, open_channel
from dashboard.player.events import Drag, Drop, Pick, Stroke, read_drag, read_drop, read_pick, read_stroke, sent
from demos.picture import Patch
from demos.picture.payload import head
from demos.picture.player import module, style

__all__ = ["Drag", "Drop", "Pick", "Stroke", "player"]

_component = st.components.v2.component("gradient_flow_lab_player", js=module(), css=style())


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

    height: "content" lets the picture choose (its aspect, bounded by the window); a number of pixels or "stretch"
    makes it fill that height. `key` must stay the same from run to run: by it the browser knows the player again.

    Events, each given to its function before the script runs, checked against the payload that was shown:
    on_click: a click on a `clickable` panel (also returned, by the run that it caused);
    on_stroke: a stroke on a panel with a `brush`, when it ends;
    on_pick: a point chosen on a `pickable` panel, None when it is let go. The browser shows its path by itself;
    on_drag: a handle (`demos.picture.Handles`) was let go at another place.
    while_dragging is different: it is called while the gesture lasts, at most once at a time, in a fragment: the page
    does not run. It gives the `Patch` of the picture that belongs to the place, or raises ValueError where there is
    none; it draws nothing. See `dashboard.player.channel`.

    Settings in `encode(picture, **extra)`: `compact=True`, for a page that is embedded, bounds the picture so that it
    is seen whole with its controls, and with `reserve` pixels (56) free beneath them.
    """

    shown = head(payload)  # a session keeps its callbacks, and what they hold

    def clicked() -> None:
        drop = read_drop(sent(key, "drop"))
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
    if on_drag is not None or while_dragging is not None:
        open_channel(key, shown, while_dragging)
    return read_drop(result.get("drop"))
