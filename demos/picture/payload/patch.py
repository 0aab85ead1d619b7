"""A patch as bytes, in the layout of a picture: what replaces which parts of the picture that it names."""

from __future__ import annotations

from demos.picture import Panel, Patch
from demos.picture.payload.arrays import Json, Store, need
from demos.picture.payload.read import header
from demos.picture.payload.write import framed, write_annotation, write_layer, write_readout


def encode_patch(patch: Patch, picture: bytes, number: int = 0) -> bytes:
    """The bytes that the player takes into `picture`, the payload that it shows.

    number: of the event that is answered. In the header, `base` is the picture's hash: the player takes no patch of
    another picture. Raises ValueError, in one sentence, where the patch names what the picture has not, or where shapes
    do not fit.
    """
    base = header(picture)
    frames, store = base["frames"], Store()
    panels: dict[int, Json] = {}

    def part(index: int) -> Json:
        need(0 <= index < len(base["panels"]), f"The picture has no panel {index}.")
        return panels.setdefault(index, {"panel": index})

    for index, layers in patch.layers.items():
        entry, old = part(index), base["panels"][index]
        need("z" not in old, f"Panel {index} is a view into space: it cannot be patched.")
        panel = Panel(tuple(old["x"]), tuple(old["y"]), ())
        entry["layers"] = [write_layer(store, layer, panel, index, frames) for layer in layers]
        known = {(layer["name"], layer["kind"]) for layer in old["layers"]}
        for layer in entry["layers"]:
            found = (layer["name"], layer["kind"]) in known
            need(found, f"Panel {index} has no layer {layer['name']!r} of the kind {layer['kind']}.")
    for index, names in patch.hidden.items():
        known_names = {layer["name"] for layer in base["panels"][index]["layers"]} if part(index) else set()
        for name in names:
            need(name in known_names, f"Panel {index} has no layer {name!r} that could be hidden.")
        part(index)["hidden"] = list(names)
    for index, notes in patch.annotations.items():
        part(index)["annotations"] = [write_annotation(note, index, frames) for note in notes]
    labels = {readout["label"] for readout in base["readouts"]}
    for readout in patch.readouts:
        need(readout.label in labels, f"The picture has no readout {readout.label!r}.")
    readouts = [write_readout(store, readout, frames) for readout in patch.readouts]
    top = {"base": base["hash"], "number": number, "frames": frames}
    return framed({**top, "panels": list(panels.values()), "readouts": readouts}, store.bytes())


def no_patch(picture: bytes, number: int) -> bytes:
    """What the player is told by a whole run of the page: whatever was patched before event `number` is over."""
    return framed({"base": header(picture)["hash"], "number": number, "whole": True}, b"")
