"""The events that the browser reports about a picture. They are untrusted, so each is validated, dropped or clamped."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import streamlit as st

from demos.picture.payload import header

MOST_EVENTS = 1 << 53  # the browser's largest exact number
MOST_POINTS = 500  # points of a stroke; the player sends no more


class Drop(NamedTuple):
    """A click on a clickable panel, in the panel's own coordinates."""

    panel: int
    x: float
    y: float


class Stroke(NamedTuple):
    """A stroke of the brush, in the panel's own coordinates. The mode "clear" removes all strokes and has no points."""

    panel: int
    mode: str  # "add", "erase" or "clear"
    radius: float  # in units of x
    points: tuple[tuple[float, float], ...]  # 1 … 500 of them, inside the panel


class Pick(NamedTuple):
    """A chosen point of a layer: its `index` in the layer, and the coordinates of the click."""

    panel: int
    layer: str
    index: int
    x: float
    y: float


class Drag(NamedTuple):
    """The position of a handle that is being dragged or was let go, in the panel's own coordinates and inside of it."""

    panel: int
    layer: str
    index: int
    x: float
    y: float
    resting: bool = False  # whether the pointer is at rest, so that there is time for slow work
    number: int = 0  # the event's number, counted by the browser; a patch names the event that it answers


def sent(key: str, event: str) -> Any:
    """The value of a component's event, in a callback; None where there is none, or where the component's state was
    dropped as forged."""
    state = st.session_state.get(key)
    return None if state is None else state.get(event)


def read_drop(value: Any, payload: bytes) -> Drop | None:
    """The click on the picture `payload`, its position clamped to the panel.

    None where it is not valid: no such panel, not a clickable one, a number that is not finite.
    """
    place = _place(value)
    panel = place and _panel(payload, place.panel)
    if not panel or not panel["clickable"]:
        return None
    return Drop(place.panel, _clamp(place.x, *panel["x"]), _clamp(place.y, *panel["y"]))


def read_stroke(value: Any, payload: bytes) -> Stroke | None:
    """The stroke on the picture `payload`: its points clamped to the panel, its radius to half the panel's width.

    None where it is not valid: no such panel, no brush on it, an unknown mode, no points or more than 500, a number
    that is not finite.
    """
    place = _place({"x": 0, "y": 0, **value} if isinstance(value, dict) else None)
    panel = place and _panel(payload, place.panel)
    if not panel or not panel["brush"]:
        return None
    (x0, x1), (y0, y1) = panel["x"], panel["y"]
    try:
        mode, radius = value["mode"], float(value["radius"])
        points = [(float(x), float(y)) for x, y in value["points"][: MOST_POINTS + 1]]
    except (TypeError, ValueError, KeyError, OverflowError):
        return None
    numbers = [radius, *(number for point in points for number in point)]
    if mode not in ("add", "erase", "clear") or not all(map(math.isfinite, numbers)) or radius <= 0:
        return None
    if len(points) > MOST_POINTS or (not points and mode != "clear"):
        return None
    inside = tuple((_clamp(x, x0, x1), _clamp(y, y0, y1)) for x, y in points) if mode != "clear" else ()
    return Stroke(place.panel, mode, _clamp(radius, 1e-4 * (x1 - x0), 0.5 * (x1 - x0)), inside)


def read_pick(value: Any, payload: bytes) -> tuple[bool, Pick | None]:
    """(whether the event is valid, the point that it chose on the picture `payload`, or None where it deselects)."""
    place = _place(value)
    panel = place and _panel(payload, place.panel)
    if not panel or not panel["pickable"]:
        return False, None
    try:
        name, index = value["layer"], int(value["index"])
    except (TypeError, ValueError, KeyError, OverflowError):
        return False, None
    if index == -1:
        return True, None
    for layer in panel["layers"]:
        if layer["kind"] == "points" and layer["name"] == name and 0 <= index < layer["positions"]["shape"][1]:
            x, y = _clamp(place.x, *panel["x"]), _clamp(place.y, *panel["y"])
            return True, Pick(place.panel, name, index, x, y)
    return False, None


def read_drag(value: Any, payload: bytes) -> Drag | None:
    """The dragged handle of the picture `payload`, its position clamped to the panel.

    None where it is not valid: no such panel, layer or handle, a number that is not finite.
    """
    place = _place(value)
    panel = place and _panel(payload, place.panel)
    if not panel:
        return None
    try:
        name, index, number = value["layer"], int(value["index"]), int(value["number"])
    except (TypeError, ValueError, KeyError, OverflowError):
        return None
    for layer in panel["layers"]:
        if layer["kind"] == "handles" and layer["name"] == name and 0 <= index < len(layer["labels"]):
            x, y = _clamp(place.x, *panel["x"]), _clamp(place.y, *panel["y"])
            return Drag(place.panel, name, index, x, y, value.get("resting") is True, _clamp(number, 0, MOST_EVENTS))
    return None


def _place(value: Any) -> Drop | None:
    """The panel and the position that an event names, not yet compared with a picture; None where it names none."""
    try:
        panel, x, y = int(value["panel"]), float(value["x"]), float(value["y"])
    except (TypeError, ValueError, KeyError, OverflowError):
        return None
    return Drop(panel, x, y) if panel >= 0 and math.isfinite(x) and math.isfinite(y) else None


def _panel(payload: bytes, index: int) -> dict[str, Any] | None:
    panels = header(payload)["panels"]
    return panels[index] if index < len(panels) else None


def _clamp(value: float, low: float, high: float) -> float:
    return min(high, max(low, value))
