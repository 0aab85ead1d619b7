"""The player: shows a picture that moves, drawn by the browser from one payload (see demos/picture/payload).

The trajectory travels once. Playing, scrubbing, turning, switching layers and saving happen in the browser without a
rerun; a rerun that changes nothing in the picture neither sends it again nor restarts it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from dashboard.player.events import Drop, Pick, Stroke, read_drop, read_pick, read_stroke

__all__ = ["Drop", "Pick", "Stroke", "player", "read_drop", "read_pick", "read_stroke"]

SCRIPTS = """decode numbers rich colormaps camera figure legend axes fields contours points arrows markers curves lines
    space spheres globe cells surface layers annotations brush pick transport timeline save
    pointer input clock stage player""".split()
"""One subject a file, joined in this order into one module (component code cannot import)."""

_HERE = Path(__file__).parent

_component = st.components.v2.component(
    "gradient_flow_lab_player",
    js="\n".join((_HERE / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS),
    css=(_HERE / "player.css").read_text(encoding="utf-8"),
)


def player(
    payload: bytes,
    *,
    key: str,
    height: int | str = "content",
    on_click: Callable[[Drop], None] | None = None,
    on_stroke: Callable[[Stroke], None] | None = None,
    on_pick: Callable[[Pick | None], None] | None = None,
) -> Drop | None:
    """Show `payload`, the bytes of `demos.picture.payload.encode`.

    height: "content" lets the picture choose (its aspect, bounded by the window); a number of pixels or "stretch"
    makes it fill that height. `key` must stay the same from run to run: by it the browser knows the player again.

    Events, each given to its function before the script runs, checked against the payload that was shown:
    on_click: a click on a `clickable` panel (also returned, by the run that it caused);
    on_stroke: a stroke on a panel with a `brush`, when it ends;
    on_pick: a point chosen on a `pickable` panel, None when it is let go. The browser shows its path by itself.

    Settings in `encode(picture, **extra)`: `compact=True`, for a page that is embedded, bounds the picture so that it
    is seen whole with its controls, and with `reserve` pixels (56) free beneath them.
    """

    def clicked() -> None:
        drop = read_drop(st.session_state[key].get("drop"))
        if drop is not None and on_click is not None:
            on_click(drop)

    def painted() -> None:
        stroke = read_stroke(st.session_state[key].get("stroke"), payload)
        if stroke is not None and on_stroke is not None:
            on_stroke(stroke)

    def picked() -> None:
        fine, pick = read_pick(st.session_state[key].get("pick"), payload)
        if fine and on_pick is not None:
            on_pick(pick)

    result = _component(
        key=key, data=payload, height=height, on_drop_change=clicked, on_stroke_change=painted, on_pick_change=picked
    )
    return read_drop(result.get("drop"))
