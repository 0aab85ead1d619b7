"""Arrays of small whole numbers as text for a URL: base64 with the URL-safe alphabet of RFC 4648, section 5."""

from __future__ import annotations

import base64
import binascii

import numpy as np


def encode_array(levels: np.ndarray, bits: int) -> str:
    """levels (n, k), whole numbers from 0 to 2^bits − 1 with k·bits ≤ 64, as text without padding.

    Each row takes a whole number of bytes, the first column in the highest bits.
    """
    levels = np.asarray(levels).astype(np.uint64)
    words = np.zeros(len(levels), np.uint64)
    for column in levels.T:
        words = words << np.uint64(bits) | column
    row = words.astype(">u8").view(np.uint8).reshape(-1, 8)[:, 8 - _bytes(levels.shape[1], bits) :]
    return base64.urlsafe_b64encode(row.tobytes()).decode().rstrip("=")


def decode_array(text: str, columns: int, bits: int, name: str) -> np.ndarray:
    """The levels (n, columns) uint64, n ≥ 1, of a text by `encode_array`, with or without its padding.

    Raises ValueError for any other text; its sentence calls the content `name`.
    """
    width = _bytes(columns, bits)
    try:
        raw = base64.b64decode((text + "=" * (-len(text) % 4)).encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raw = b""
    if not raw or len(raw) % width:
        raise ValueError(f"The text of the {name} is not one that this page wrote.")
    rows = np.frombuffer(raw, np.uint8).reshape(-1, width)
    words = np.pad(rows, ((0, 0), (8 - width, 0))).view(">u8")[:, 0].astype(np.uint64)
    shifts = np.arange(columns - 1, -1, -1, dtype=np.uint64) * np.uint64(bits)
    return words[:, None] >> shifts & np.uint64(2**bits - 1)


def _bytes(columns: int, bits: int) -> int:
    """The number of bytes of one row."""
    return -(-columns * bits // 8)
