"""The ink of a picture: how much each pixel differs from the background.

PNG, JPEG, GIF, WebP and BMP are recognised by their content, not by the file's name, up to the sizes that screens and
phones produce.
"""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
MOST_PIXELS = {"JPEG": 120_000_000}  # more than for other formats: a JPEG can be decoded at a fraction of its size
MOST_PIXELS_ELSE = 40_000_000  # an 8K screen has 33 million
LARGE = 4_000_000  # pixels above which a note says that the picture was made smaller
WORKING_PIXELS = 256  # final width and height, at most: 2,000 points cannot show more
FINE_PIXELS = 1_024  # width and height when ink is told from background, at most: thin lines are still visible
NOISE = 32  # differences from the background (of 255) that count as the noise of a scan
OPAQUE = 250
MOSTLY = 0.6  # share of opaque pixels from which transparent ones count as outside, as around a window


def is_picture(content: bytes) -> bool:
    starts = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*")
    return content.startswith(starts) or (content[:4] == b"RIFF" and content[8:12] == b"WEBP")


def ink_of(content: bytes) -> tuple[np.ndarray, list[str]]:
    """How much of each pixel is ink, (H, W), and notes for the visitor.

    Ink is what differs in any colour from the background, which is the median colour of the border; in a drawing on a
    transparent background, ink is what is opaque. Raises ValueError where the picture cannot be read."""
    picture, width, height = _picture(content)
    pixels = np.asarray(picture, dtype=np.float32)
    ink = _shrunk(_ink(pixels))
    notes = []
    if width * height > LARGE:
        notes.append(f"The picture of {width:,} × {height:,} pixels was made smaller: {ink.shape[1]} × {ink.shape[0]}.")
    return ink, notes


def _ink(pixels: np.ndarray) -> np.ndarray:
    opaque = pixels[..., 3] >= OPAQUE
    if pixels[..., 3].min() < 128:
        drawn = _by_color(pixels[..., :3], opaque) if opaque.mean() > MOSTLY else None
        if drawn is not None and drawn.any():
            return drawn
        return np.where(pixels[..., 3] < 26, 0.0, pixels[..., 3])
    return _by_color(pixels[..., :3], np.ones(opaque.shape, dtype=bool))


def _by_color(colors: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """How much each pixel inside differs from the background, the median colour along the edge of the inside."""
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    edge = np.zeros(inside.shape, dtype=bool)
    edge[box][0] = edge[box][-1] = edge[box][:, 0] = edge[box][:, -1] = True
    border = colors[edge & inside]
    ink = np.abs(colors - np.median(border, axis=0)).max(axis=2)
    return np.where(inside & (ink >= NOISE), ink, 0.0)


def _shrunk(ink: np.ndarray) -> np.ndarray:
    factor = -(-max(ink.shape) // WORKING_PIXELS)
    if factor == 1:
        return ink
    rows, columns = (-size % factor for size in ink.shape)
    padded = np.pad(ink, ((0, rows), (0, columns)))
    return padded.reshape(padded.shape[0] // factor, factor, -1, factor).mean(axis=(1, 3))


def _picture(content: bytes) -> tuple[Image.Image, int, int]:
    """The picture in RGBA, eight bits a channel, upright, at most FINE_PIXELS wide; and its original size."""
    from PIL import Image, ImageOps

    unreadable = ValueError("This is not a picture that can be read (.png, .jpg, .gif, .webp).")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=FORMATS)
    except Image.DecompressionBombError:
        raise ValueError(f"The picture has more than {MOST_PIXELS_ELSE:,} pixels.") from None
    except Exception:  # Pillow raises many kinds for a broken file
        raise unreadable from None
    width, height = picture.size
    most = MOST_PIXELS.get(picture.format or "", MOST_PIXELS_ELSE)
    if width * height > most:
        raise ValueError(f"{width:,} × {height:,} pixels are more than {most:,}.")
    try:
        if picture.format == "JPEG":
            picture.draft("RGB", (FINE_PIXELS, FINE_PIXELS))
        if picture.mode.startswith("I"):  # sixteen bits of grey, which Pillow would clip at 255
            picture = Image.fromarray((np.asarray(picture, dtype=np.float32) / 257).astype(np.uint8))
        if picture.mode not in ("RGB", "RGBA", "L", "LA"):
            if width * height > LARGE:  # modes P and 1 have no colours between those of two pixels
                picture = picture.resize(_within(picture.size), Image.Resampling.NEAREST)
            picture = picture.convert("RGBA")
        factor = max(picture.size) // FINE_PIXELS
        if factor > 1:
            picture = picture.reduce(factor)
        return ImageOps.exif_transpose(picture).convert("RGBA"), width, height
    except Exception:
        raise unreadable from None


def _within(size: tuple[int, int]) -> tuple[int, int]:
    factor = 2 * FINE_PIXELS / max(size)
    return (max(1, round(size[0] * factor)), max(1, round(size[1] * factor))) if factor < 1 else size
