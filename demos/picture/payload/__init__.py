"""A picture as bytes, for the browser: a JSON header, then typed arrays.

Layout: b"GFL1", the header's length (uint32, little-endian), the header (UTF-8 JSON, padded with spaces), the arrays.
Every array starts on a multiple of 8 bytes, so that the browser can use it without a copy. In the header an array
is `{"at": offset, "type": "i2", "shape": [...]}`, with the offset counted from the end of the header. If it also has
`"packed": size`, the differences between successive frames are stored, compressed by deflate. `hash` is a hash of the
content: the same picture gives the same bytes, and the player does not restart for bytes that it already shows. A
patch (the parts that change during a drag) has the same layout; its `base` is the hash of the picture that it changes.

The encoding is lossy. Positions become int16 over the panel enlarged by half its width on each side (resolution
1/32,767 of the panel's width, a fiftieth of a pixel); points farther out are not drawn. Moving fields, and the values
and labels of points, become one byte each, and so do angles (resolution 1.4 degrees).
"""

from demos.picture.payload.arrays import MAGIC
from demos.picture.payload.patch import encode_patch, no_patch
from demos.picture.payload.read import decode, head, header
from demos.picture.payload.write import encode, with_extra

__all__ = ["MAGIC", "decode", "encode", "encode_patch", "head", "header", "no_patch", "with_extra"]
