"""A picture as bytes, for the browser: a JSON header, then typed arrays.

Layout: b"GFL1", the header's length (uint32, little-endian), the header (UTF-8 JSON, padded with spaces), the arrays.
Every array starts on a multiple of 8 bytes, so that the browser can look at it without a copy. In the header an array
is `{"at": offset, "type": "i2", "shape": [...]}`, with the offset counted from the end of the header; one that also
has `"packed": size` is stored as its differences from frame to frame, deflated. `hash` names the content: the same
picture gives the same bytes, and the player does not restart for bytes that it already shows. A patch (what changes
while something is dragged) has the same layout; its `base` is the hash of the picture that it changes.

What is lost: positions become int16 over the panel enlarged by half on each side (1/32,767 of the panel's width: a
fiftieth of a pixel), so points beyond that are not drawn; moving fields and the values and labels of points become
one byte, and so do angles (1.4 degrees).
"""

from demos.picture.payload.arrays import MAGIC
from demos.picture.payload.patch import encode_patch, no_patch
from demos.picture.payload.read import decode, head, header
from demos.picture.payload.write import encode, with_extra

__all__ = ["MAGIC", "decode", "encode", "encode_patch", "head", "header", "no_patch", "with_extra"]
