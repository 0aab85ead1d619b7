"""Encoding of pictures, panels and readouts as bytes; the encoders of layers are in `flat` and `space`."""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

import numpy as np

from demos.picture import (
    Annotation,
    Arrows,
    Cells,
    Curve,
    Field,
    Globe,
    Handles,
    Layer,
    Lines,
    Markers,
    Panel,
    Picture,
    Points,
    Readout,
    Spheres,
    Surface,
)
from demos.picture.payload import flat, space
from demos.picture.payload.arrays import MAGIC, Json, Store, need, numbers, split

FLAT = {Field: flat.field, Points: flat.points, Arrows: flat.arrows, Markers: flat.markers, Curve: flat.curve,
        Lines: flat.lines, Handles: flat.handles}  # fmt: skip
SPACE = {Spheres: space.spheres, Globe: space.globe, Cells: space.cells, Surface: space.surface}


def encode(picture: Picture, **extra: Any) -> bytes:
    """The payload of a picture. extra: settings for the player that are not part of the picture, stored in the header.

    Raises ValueError, with one sentence that names the layer, if shapes, lengths or names do not fit.
    """
    store = Store()
    header: Json = {"frames": picture.frames, "seconds": float(picture.seconds), "alt": picture.alt, "extra": extra}
    need(picture.frames >= 1, "The clock needs at least one frame.")
    need(0 < picture.seconds < math.inf, f"A picture cannot last {picture.seconds:g} seconds.")
    need(len(picture.panels) >= 1, "A picture needs at least one panel.")
    header["clock"] = write_readout(store, picture.clock, picture.frames)
    header["readouts"] = [write_readout(store, one, picture.frames) for one in picture.readouts]
    header |= _timeline(picture)
    header["panels"] = [_panel(store, panel, i, picture.frames) for i, panel in enumerate(picture.panels)]
    body = store.bytes()
    header["arrays"] = _hash(body)
    return _named(header, body)


def with_extra(payload: bytes, **extra: Any) -> bytes:
    """The same payload with other `extra` settings; see `encode`. Raises ValueError for bytes that are no picture."""
    header, body = split(payload)
    return _named({name: value for name, value in header.items() if name != "hash"} | {"extra": extra}, body)


def _named(header: Json, body: bytes | memoryview) -> bytes:
    """The payload with the hash of its content in the header: by it the player recognizes a new picture.

    The header contains a hash of the body already, so that other settings for the same arrays cost no second pass over
    a megabyte.
    """
    header["hash"] = _hash(_json(header))
    return framed(header, body)


def _hash(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=8).hexdigest()


def framed(header: Json, body: bytes | memoryview) -> bytes:
    """The payload: magic number, length of the header, header, and the body with its arrays."""
    text = _json(header)
    text += b" " * (-(8 + len(text)) % 8)
    return b"".join((MAGIC, len(text).to_bytes(4, "little"), text, body))


def _timeline(picture: Picture) -> Json:
    """The marks, each with its position in frames (`beyond`: later than the last frame), and the computed frames."""
    clock = np.asarray(picture.clock.values, dtype=float)
    rising = len(clock) < 2 or clock[-1] >= clock[0]
    order = clock if rising else -clock
    marks = []
    for mark in picture.marks:
        need(math.isfinite(mark.value), f"The mark {mark.label!r} has no place: its value is not finite.")
        value = mark.value if rising else -mark.value
        at = float(np.interp(value, order, np.arange(len(clock))))
        marks.append({"at": round(at, 3), "label": mark.label, "beyond": bool(value > order[-1])})
    computed = [int(frame) for frame in picture.computed]
    within = all(0 <= frame < picture.frames for frame in computed)
    fits = within and computed == sorted(set(computed))
    need(fits, f"`computed` must rise and stay within the frames, 0 to {picture.frames - 1}.")
    return ({"marks": marks} if marks else {}) | ({"computed": computed} if computed else {})


def write_readout(store: Store, readout: Readout, frames: int) -> Json:
    values = numbers(f"Readout {readout.label!r}", readout.values)
    need(values.shape == (frames,), f"Readout {readout.label!r} has {values.size} values; {frames} are needed.")
    whole = bool(np.all(np.isfinite(values)) and np.all(values == np.round(values)))
    rest = {"label": readout.label, "unit": readout.unit, "digits": int(readout.digits), "whole": whole}
    return {**rest, "values": store.add(values, "f8")}


def _panel(store: Store, panel: Panel, index: int, frames: int) -> Json:
    axes = {"x": panel.x, "y": panel.y} | ({} if panel.z is None else {"z": panel.z})
    for axis, (low, high) in axes.items():
        fine = math.isfinite(low) and math.isfinite(high) and low < high
        need(fine, f"Panel {index}: {axis} cannot run from {low:g} to {high:g}.")
    names = ("title", "subtitle", "x_label", "y_label", "equal", "color", "clickable", "weight", "row", "height")
    header: Json = {name: getattr(panel, name) for name in (*names, "x_scale", "y_scale", "brush", "pickable")}
    header |= {axis: [float(v) for v in ends] for axis, ends in axes.items()}
    if panel.z is not None:
        flat_only = [name for name in ("clickable", "brush", "pickable") if getattr(panel, name)]
        need(not flat_only, f"Panel {index} is a view into space: it cannot be {' or '.join(flat_only)}.")
        need(all(map(math.isfinite, panel.view)), f"Panel {index}: the view must be two finite angles.")
        header["view"] = [float(angle) for angle in panel.view]
    if len(panel.captions):
        found = len(panel.captions)
        need(found == frames, f"Panel {index} has {found} captions; {frames} are needed.")
        texts = list(dict.fromkeys(map(str, panel.captions)))
        at = np.array([texts.index(str(text)) for text in panel.captions])
        header["captions"] = {"texts": texts, "index": store.add(at, "u2")}
    if panel.annotations:
        need(panel.z is None, f"Panel {index} is a view into space: it has no annotations.")
        header["annotations"] = [write_annotation(note, index, frames) for note in panel.annotations]
    header["layers"] = [write_layer(store, layer, panel, index, frames) for layer in panel.layers]
    return header


def write_annotation(note: Annotation, index: int, frames: int) -> Json:
    where = f"Annotation {note.text!r} of panel {index}"
    need(math.isfinite(note.x) and math.isfinite(note.y), f"{where}: its place is not finite.")
    need(note.align in ("left", "center", "right"), f"{where}: align is left, center or right, not {note.align!r}.")
    first, last = note.frames or (0, frames - 1)
    need(0 <= first <= last < frames, f"{where}: frames {first} to {last} are not within 0 to {frames - 1}.")
    place = {"x": float(note.x), "y": float(note.y), "align": note.align}
    return {**place, "text": note.text, "first": first, "last": last, "color": int(note.color)}


def write_layer(store: Store, layer: Layer, panel: Panel, index: int, frames: int) -> Json:
    where = f"Layer {layer.name!r} of panel {index}"
    kind, spatial = type(layer).__name__.lower(), panel.z is not None
    need(type(layer) in FLAT or type(layer) in SPACE, f"{where}: there is no layer of the kind {kind}.")
    wrong = "space, and this panel has no z" if not spatial else "the plane, and this panel is a view into space"
    need((type(layer) in SPACE) == spatial, f"{where}: a layer of the kind {kind} lies in {wrong}.")
    rest = (SPACE if spatial else FLAT)[type(layer)](store, layer, panel, frames, where)
    return {"kind": kind, "name": layer.name, "shown": layer.shown, **rest}


def _json(header: Json) -> bytes:
    return json.dumps(header, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
