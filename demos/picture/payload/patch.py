"""A patch as bytes: the same layout as a picture, with the hash of the picture that it changes."""

from __future__ import annotations

from demos.picture import Panel, Patch
from demos.picture.payload.arrays import Json, Store, need
from demos.picture.payload.read import header
from demos.picture.payload.write import framed, write_annotation, write_layer, write_readout


def encode_patch(patch: Patch, picture: bytes, number: int = 0) -> bytes:
    """The bytes of a patch that the player applies to `picture`, the payload that it shows.

    number: that of the event to which the patch is the answer. In the header, `base` is the picture's hash: the player
    ignores a patch of another picture. Raises ValueError, with one sentence, if the patch names a part that the picture
    does not have, or if shapes do not fit.
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
    """The message after a full run of the page: the player drops all patches that answer events before `number`."""
    return framed({"base": header(picture)["hash"], "number": number, "whole": True}, b"")
