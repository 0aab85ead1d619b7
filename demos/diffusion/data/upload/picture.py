"""The ink of a picture: how much each pixel differs from the background.

PNG, JPEG, GIF, WebP, AVIF, BMP and TIFF are recognised by their content, not by the file's name, up to the sizes that
screens and phones produce.
"""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING

import numpy as np

from demos.diffusion.data.upload.background import difference, framed

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF")
MOST_PIXELS = {"JPEG": 120_000_000}  # more than for other formats: a JPEG can be decoded at a fraction of its size
MOST_PIXELS_ELSE = 40_000_000  # an 8K screen has 33 million
LARGE = 4_000_000  # pixels above which a note says that the picture was made smaller
WORKING_PIXELS = 256  # final width and height, at most: 2,000 points cannot show more
FINE_PIXELS = 1_024  # width and height when ink is told from background, at most: thin lines are still visible
OPAQUE = 250
MOSTLY = 0.6  # share of opaque pixels from which transparent ones count as outside, as around a window
RECTANGLE = 0.9  # and their share of the smallest box around them: a window in a wide shadow fills its box
GLASS = 26  # transparency that says nothing: differences of it all over the picture, and what is hardly there


def is_picture(content: bytes) -> bool:
    starts = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*")
    webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    return content.startswith(starts) or webp or content[4:12] == b"ftypavif"


def ink_of(content: bytes) -> tuple[np.ndarray, list[str]]:
    """How much of each pixel is ink, (H, W), and notes for the visitor.

    Ink is what differs in any colour from the background (`background`); in a drawing on a transparent background, ink
    is what is opaque. Raises ValueError where the picture cannot be read."""
    picture, width, height = _picture(content)
    pixels = np.asarray(picture, dtype=np.float32)
    ink = _shrunk(_ink(pixels))
    notes = []
    if width * height > LARGE:
        notes.append(f"The picture of {width:,} × {height:,} pixels was made smaller: {ink.shape[1]} × {ink.shape[0]}.")
    return ink, notes


def _ink(pixels: np.ndarray) -> np.ndarray:
    alpha = pixels[..., 3]
    opaque = alpha >= OPAQUE
    if alpha.min() >= 128 or np.ptp(alpha) < GLASS:
        cut = framed(pixels[..., :3])
        colors = pixels[cut : len(pixels) - cut, cut : pixels.shape[1] - cut, :3]
        return _by_color(colors, np.ones(colors.shape[:2], dtype=bool))
    outside = opaque.mean() > MOSTLY or opaque.any() and opaque[_box(opaque)].mean() > RECTANGLE
    drawn = _by_color(pixels[..., :3], opaque) if outside else None
    return drawn if drawn is not None and drawn.any() else np.where(alpha < GLASS, 0.0, alpha)


def _by_color(colors: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """How much each pixel inside differs from the background along the edge of the inside."""
    edge, box = np.zeros(inside.shape, dtype=bool), _box(inside)
    edge[box][0] = edge[box][-1] = edge[box][:, 0] = edge[box][:, -1] = True
    return np.where(inside, difference(colors, edge & inside), 0.0)


def _box(inside: np.ndarray) -> tuple[slice, slice]:
    """The smallest box around what is inside."""
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


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
