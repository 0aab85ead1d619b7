"""Decoding of a payload into arrays: for tests, and to validate what a browser reports about a picture."""

from __future__ import annotations

import math
import zlib
from typing import Any

import numpy as np

from demos.picture.payload.arrays import MISSING, MISSING_BYTE, Json, split


def header(payload: bytes) -> Json:
    """The header alone, with a reference for each array. Raises ValueError for bytes that are no picture."""
    return split(payload)[0]


def head(payload: bytes) -> bytes:
    """What `header` reads of these bytes: it stands for the picture where its arrays, a megabyte, are not needed."""
    return payload[: 8 + int.from_bytes(payload[4:8], "little")]


def decode(payload: bytes) -> Json:
    """The header with each array reference replaced by its array: the data that the player has, in the picture's units.

    Positions, values, angles and moving fields are converted back to floats, nan where missing. Raises ValueError for
    bytes that are no picture.
    """
    head, body = split(payload)

    def read(item: Any) -> Any:
        if isinstance(item, list):
            return [read(part) for part in item]
        if not isinstance(item, dict):
            return item
        if "type" not in item:
            return {name: read(part) for name, part in item.items()}
        return _array(item, body)

    return read(head)


def _array(item: Json, body: memoryview) -> np.ndarray:
    kind = np.dtype("<" + item["type"])
    if "packed" in item:
        raw = np.frombuffer(zlib.decompress(body[item["at"] : item["at"] + item["packed"]]), kind)
        raw = np.cumsum(raw.reshape(item["shape"]), axis=0, dtype=kind)  # modulo 256
    else:
        raw = np.frombuffer(body, kind, math.prod(item["shape"]), item["at"]).reshape(item["shape"])
    if "low" not in item or kind.kind == "f":
        return raw
    low, high = np.asarray(item["low"]), np.asarray(item["high"])
    if kind.kind == "i":
        return np.where(raw == MISSING, np.nan, low + (raw + 32767.0) / 65534.0 * (high - low))
    return np.where(raw == MISSING_BYTE, np.nan, low + raw / 254.0 * (high - low))
