"""Pictures, panels and readouts into bytes; their layers are in `flat` and `space`."""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

import numpy as np

from demos.picture import (
    Arrows,
    Cells,
    Curve,
    Field,
    Globe,
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
from demos.picture.payload.arrays import MAGIC, Json, Store, need, numbers

FLAT = {Field: flat.field, Points: flat.points, Arrows: flat.arrows, Markers: flat.markers, Curve: flat.curve,
        Lines: flat.lines}  # fmt: skip
SPACE = {Spheres: space.spheres, Globe: space.globe, Cells: space.cells, Surface: space.surface}


def encode(picture: Picture, **extra: Any) -> bytes:
    """The bytes that the player draws. `extra` travels in the header, for settings that are not in the picture.

    Raises ValueError, in one sentence that names the layer, where shapes, lengths or names do not fit.
    """
    store = Store()
    header: Json = {"frames": picture.frames, "seconds": float(picture.seconds), "alt": picture.alt, "extra": extra}
    need(picture.frames >= 1, "The clock needs at least one frame.")
    need(0 < picture.seconds < math.inf, f"A picture cannot last {picture.seconds:g} seconds.")
    need(len(picture.panels) >= 1, "A picture needs at least one panel.")
    header["clock"] = _readout(store, picture.clock, picture.frames)
    header["readouts"] = [_readout(store, readout, picture.frames) for readout in picture.readouts]
    header["panels"] = [_panel(store, panel, i, picture.frames) for i, panel in enumerate(picture.panels)]
    body = store.bytes()
    text = _json(header)
    header["hash"] = hashlib.blake2b(text + body, digest_size=8).hexdigest()
    text = _json(header)
    text += b" " * (-(8 + len(text)) % 8)
    return MAGIC + len(text).to_bytes(4, "little") + text + body


def _readout(store: Store, readout: Readout, frames: int) -> Json:
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
    header: Json = {name: getattr(panel, name) for name in (*names, "brush", "pickable")}
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
    header["layers"] = [_layer(store, layer, panel, index, frames) for layer in panel.layers]
    return header


def _layer(store: Store, layer: Layer, panel: Panel, index: int, frames: int) -> Json:
    where = f"Layer {layer.name!r} of panel {index}"
    kind, spatial = type(layer).__name__.lower(), panel.z is not None
    need(type(layer) in FLAT or type(layer) in SPACE, f"{where}: there is no layer of the kind {kind}.")
    wrong = "space, and this panel has no z" if not spatial else "the plane, and this panel is a view into space"
    need((type(layer) in SPACE) == spatial, f"{where}: a layer of the kind {kind} lies in {wrong}.")
    rest = (SPACE if spatial else FLAT)[type(layer)](store, layer, panel, frames, where)
    return {"kind": kind, "name": layer.name, "shown": layer.shown, **rest}


def _json(header: Json) -> bytes:
    return json.dumps(header, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
