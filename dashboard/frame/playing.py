"""The playback settings in a page's address, for a page that is embedded in a slide, where nobody sets them by hand.

?autoplay=false  playback waits for the play button      ?loop=false  the animation plays once
?frame=30, ?frame=50%  the first frame: its number, or a part of the run
?speed=0.5  one of the player's speeds                   ?controls=false  an embedded page has no button for controls
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard.frame import presenting
from demos.contract import Control

SPEEDS = ("0.25", "0.5", "1", "2", "4")  # the speeds that the player offers
MOST_FRAMES = 10_000
PARAMETERS = ("autoplay", "loop", "frame", "speed", "controls")
"""The names of these parameters. No field of any demo's config has such a name."""


@dataclass(frozen=True)
class Playing:
    """The playback settings of an address.

    extra: settings of the player, passed on by `run_demo`; only those that are not its defaults. controls: whether an
    embedded page has the button for its controls. refused: one sentence for every value that was refused, that of
    the parameter of presentation mode included.
    """

    extra: dict[str, Any]
    controls: bool
    refused: tuple[str, ...]


def playing() -> Playing:
    """The playback settings in the address of the present page."""
    extra: dict[str, Any] = {}
    refused = []
    on = {}
    for name in ("autoplay", "loop", "controls", presenting.PARAMETER):
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
    """The player's setting for "30" (a frame's number) or "50%" (a part of the run). Raises ValueError for others."""
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
