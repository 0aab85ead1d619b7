"""How a picture plays, by the page's address: for a frame on a slide, which nobody clicks first.

?autoplay=false  it stands until somebody plays it       ?loop=false  it plays once
?frame=30, ?frame=50%  where it begins: a frame, or a part of the run
?speed=0.5  one of the player's speeds                   ?controls=false  embedded, without its button for controls
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from demos.contract import Control

SPEEDS = ("0.25", "0.5", "1", "2", "4")  # what the player offers
MOST_FRAMES = 10_000
PARAMETERS = ("autoplay", "loop", "frame", "speed", "controls")
"""Of the address: no setting of any demo has such a name."""


@dataclass(frozen=True)
class Playing:
    """extra: for the player, by way of `run_demo`; only what differs from what it does anyway. controls: whether an
    embedded page has its button. refused: one sentence for every value that was refused."""

    extra: dict[str, Any]
    controls: bool
    refused: tuple[str, ...]


def playing() -> Playing:
    """What the address asks for."""
    extra: dict[str, Any] = {}
    refused = []
    on = {}
    for name in ("autoplay", "loop", "controls"):
        try:
            on[name] = Control("flag", name).read(name, st.query_params.get(name, "true"))
        except ValueError as problem:
            refused.append(str(problem))
    extra |= {name: False for name in ("autoplay", "loop") if not on.get(name, True)}
    speed = st.query_params.get("speed", "1")
    if speed not in SPEEDS:
        refused.append(f"speed = {speed[:40]!r} is not one of: {', '.join(SPEEDS)}.")
    elif speed != "1":
        extra["speed"] = float(speed)
    if "frame" in st.query_params:
        try:
            extra |= _frame(st.query_params["frame"])
        except ValueError as problem:
            refused.append(str(problem))
    return Playing(extra, on.get("controls", True), tuple(refused))


def _frame(text: str) -> dict[str, float]:
    """A frame's number, or a part of the run."""
    number, share = text.removesuffix("%"), text.endswith("%")
    try:
        value = float(number)
    except ValueError:
        value = float("nan")
    if share and 0 <= value <= 100:
        return {"share": value / 100}
    if not share and 0 <= value <= MOST_FRAMES and value == int(value):
        return {"frame": int(value)}
    raise ValueError(
        f"frame = {text[:40]!r} is neither a frame (0 to {MOST_FRAMES:,}) nor a part of the run (0% to 100%)."
    )
