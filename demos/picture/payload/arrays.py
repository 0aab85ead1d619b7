"""The typed arrays behind the header, and what numbers become on their way into them."""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

MAGIC = b"GFL1"
MISSING = -32768  # int16 position of a particle that is not drawn
MISSING_BYTE = 255  # the same for values in one byte, which use 0 … 254
MARGIN = 0.5  # of the panel's range, on each side
PACK = 1 << 16  # bytes; smaller arrays are not worth packing

Json = dict[str, Any]


class Store:
    """Arrays one after another, each on a multiple of 8 bytes."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def add(self, array: np.ndarray, kind: str, **rest: Any) -> Json:
        return self._place(np.ascontiguousarray(array, dtype="<" + kind).tobytes(), array, kind, rest)

    def add_moving(self, frames: np.ndarray, **rest: Any) -> Json:
        """Bytes (K, …) of which one frame resembles the next: packed where that saves a fifth.

        Deflate at level 1 takes 0.08 s for 256 × 256 × 120 frames of a phase field and leaves 3.1 of 7.9 MB; level 6
        takes 0.6 s and leaves 2.7.
        """
        frames = np.ascontiguousarray(frames, np.uint8)
        if frames.nbytes >= PACK and len(frames) > 1:
            changes = frames.copy()
            changes[1:] -= frames[:-1]  # modulo 256
            probe = changes[-1].tobytes()  # what does not shrink is not worth the time
            if len(zlib.compress(probe, 1)) < 0.8 * len(probe):
                raw = zlib.compress(changes.tobytes(), 1)
                return self._place(raw, frames, "u1", {**rest, "packed": len(raw)})
        return self._place(frames.tobytes(), frames, "u1", rest)

    def _place(self, raw: bytes, array: np.ndarray, kind: str, rest: Json) -> Json:
        reference = {"at": self._size, "type": kind, "shape": list(array.shape), **rest}
        raw += b"\0" * (-len(raw) % 8)
        self._parts.append(raw)
        self._size += len(raw)
        return reference

    def bytes(self) -> bytes:
        return b"".join(self._parts)


def positions(store: Store, places: np.ndarray, box: list[tuple[float, float]]) -> Json:
    """places (F, N, d) as int16 over `box`, one range an axis, enlarged by MARGIN."""
    low, high = np.array(box, float).T
    low, span = low - MARGIN * (high - low), (1 + 2 * MARGIN) * (high - low)
    kind = np.float32 if places.dtype == np.float32 else np.float64
    start, scale = low.astype(kind), (65534.0 / span).astype(kind)
    whole = np.empty(places.shape, np.int16)
    with np.errstate(all="ignore"):  # what is not finite becomes MISSING
        for frame, out in zip(places, whole, strict=True):  # frame by frame stays in the cache: five times faster
            scaled = (frame - start) * scale - kind(32767)
            outside = ~(np.abs(scaled) <= 32767.0)  # true for nan
            out[...] = np.rint(scaled)
            lost = outside[:, 0]
            for column in range(1, outside.shape[1]):
                lost = lost | outside[:, column]
            out[lost] = MISSING
    return store.add(whole, "i2", low=low.tolist(), high=(low + span).tolist())


def byte_values(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """0 … 254 over [low, high], those beyond at its ends; MISSING_BYTE for what is not finite."""
    scale = 254.0 / (high - low) if high > low else 0.0
    return _framewise(values, lambda frame: np.rint(np.clip((frame - low) * scale, 0, 254)))


def byte_angles(angles: np.ndarray) -> np.ndarray:
    """0 … 254 around the circle (255 steps of 1.4 degrees); MISSING_BYTE for what is not finite."""
    return _framewise(angles, lambda frame: np.rint(np.mod(frame, 2 * math.pi) * (255 / (2 * math.pi))) % 255)


def _framewise(values: np.ndarray, to_bytes: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """`to_bytes` of each frame, which stays in the processor's cache: five times faster than of all at once."""
    whole = np.empty(values.shape, np.uint8)
    frames = zip(values, whole, strict=True) if values.ndim > 1 else [(values, whole)]
    with np.errstate(all="ignore"):
        for frame, out in frames:
            wanted = to_bytes(frame)
            finite = np.isfinite(frame)
            if finite.all():
                out[...] = wanted
            else:
                out[...] = np.where(finite, wanted, MISSING_BYTE)
    return whole


ANGLES = {"low": 0.0, "high": 2 * math.pi * 254 / 255}
"""The ends of the scale of `byte_angles`: its last step is one short of the full circle."""


def colors(store: Store, layer: Any, frames: int, count: int, where: str) -> Json:
    """The labels or values that colour `count` things of a layer."""
    names = list(layer.label_names)
    rest: Json = {"label_names": names, "label_colors": [int(index) for index in layer.label_colors]}
    fits = len(layer.label_colors) in (0, len(names))
    need(fits, f"{where}: {len(names)} labels need as many label_colors, not {len(layer.label_colors)}.")
    if layer.labels is not None:
        labels = per_thing(where, "labels", layer.labels, frames, count)
        most = len(names) or MISSING_BYTE
        good = np.all((labels >= 0) & (labels < most) & (labels == np.round(labels)))
        need(bool(good), f"{where}: labels must be whole numbers from 0 to {most - 1}.")
        rest["labels"] = store.add(labels, "u1")
    if getattr(layer, "values", None) is not None:
        values = per_thing(where, "values", layer.values, frames, count)
        low, high = extent(values)
        rest["values"] = store.add(byte_values(values, low, high), "u1", low=low, high=high)
        rest["value_name"] = layer.value_name
    return rest


def starts_of(where: str, starts: Any, count: int) -> np.ndarray:
    """Where lines or cells begin among `count` vertices: whole numbers that rise from 0."""
    at = numbers(where, starts)
    whole = at.ndim == 1 and at.size >= 1 and bool(np.all(np.isfinite(at))) and bool(np.all(at == np.round(at)))
    good = whole and at[0] == 0 and bool(np.all(np.diff(at) > 0)) and at[-1] < count
    need(good, f"{where}: starts must be whole numbers that rise from 0 and stay below {count}.")
    return at


def per_thing(where: str, what: str, array: Any, frames: int, count: int) -> np.ndarray:
    values = numbers(where, array)
    fits = values.shape in ((count,), (frames, count))
    need(fits, f"{where}: {what} have the shape {values.shape}; ({count},) or ({frames}, {count}) is needed.")
    return values


def numbers(where: str, array: Any) -> np.ndarray:
    """The array as it is where it is one of floats (a field may be large), else as float64."""
    if isinstance(array, np.ndarray) and array.dtype in (np.float32, np.float64):
        return array
    try:
        return np.asarray(array, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{where}: this is not an array of numbers.") from None


def extent(values: np.ndarray) -> tuple[float, float]:
    """The lowest and highest finite value; (0, 1) where there is none."""
    if values.size and math.isfinite(low := float(values.min())) and math.isfinite(high := float(values.max())):
        return low, high
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)


def need(fine: bool, sentence: str) -> None:
    if not fine:
        raise ValueError(sentence)


def split(payload: bytes) -> tuple[Json, bytes]:
    """The header and what follows it. ValueError for bytes that are no picture."""
    if payload[:4] != MAGIC:
        raise ValueError("These bytes are not a picture.")
    end = 8 + int.from_bytes(payload[4:8], "little")
    return json.loads(payload[8:end]), payload[end:]
