"""An uploaded file as points: CSV, NPY or PNG. Nothing in it is trusted: size, type, shape and numbers are checked."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

from demos.diffusion.data.dataset import check_points, fitted
from demos.diffusion.data.encoding import MOST_POINTS
from demos.diffusion.data.word import points_from_ink
from demos.diffusion.streams import PointStream, point_generator

if TYPE_CHECKING:
    from PIL import Image

MOST_BYTES = 5 << 20
MOST_ROWS = 200_000
MOST_PIXELS = 4_000_000
QUOTES = "\"'"
WORKING_PIXELS = 256  # a picture is made this small: 2,000 points cannot show more


def points_from_upload(name: str, content: bytes, count: int = MOST_POINTS, seed: int = 0) -> np.ndarray:
    """At most `count` points (n, 2) of a file, fitted into [−4, 4]². Raises ValueError, in one sentence."""
    if len(content) > MOST_BYTES:
        raise ValueError(f"The file has {len(content) / 2**20:.1f} MB; at most {MOST_BYTES >> 20} MB are read.")
    if not content:
        raise ValueError("The file is empty.")
    kind = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if kind == "png":
        return points_from_ink(_ink(content), min(count, MOST_POINTS), seed)
    if kind not in ("csv", "npy"):
        raise ValueError("Files that end in .csv, .npy or .png can be read.")
    points = _from_npy(content) if kind == "npy" else _from_csv(content)
    check_points(points)
    if len(points) > count:
        points = points[np.sort(point_generator(seed, PointStream.UPLOAD).choice(len(points), count, replace=False))]
    return fitted(points)


def _from_npy(content: bytes) -> np.ndarray:
    try:
        array = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False, max_header_size=1_000)
    except Exception:  # the header is Python text of the sender's: NumPy's reading of it raises many kinds
        raise ValueError("This is not an .npy file with plain numbers in it (pickled objects are not read).") from None
    if array.dtype.kind not in "fiu" or array.ndim != 2 or array.shape[1] != 2:
        raise ValueError(f"The array is {array.dtype} of the shape {array.shape}; numbers, (n, 2), are needed.")
    _check_rows(len(array))
    return array.astype(float)


def _from_csv(content: bytes) -> np.ndarray:
    """Two numbers a line, in quotes or not, apart by comma, semicolon, tab or space; a line of names may come first."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("The .csv file is not UTF-8 text.") from None
    lines = [(i, line) for i, line in enumerate(text.splitlines(), 1) if line.strip()]
    _check_rows(len(lines))
    rows = []
    for i, line in lines:
        for mark in ";,\t":
            line = line.replace(mark, " ")
        try:
            row = [float(part.strip(QUOTES)) for part in line.split()]
        except ValueError:
            if i == lines[0][0]:
                continue  # names
            raise ValueError(f"Line {i} of the .csv file holds something that is not a number.") from None
        if len(row) != 2:
            raise ValueError(f"Line {i} of the .csv file holds {len(row)} numbers; two are needed.")
        rows.append(row)
    if not rows:
        raise ValueError("The .csv file holds no numbers.")
    return np.array(rows)


def _check_rows(rows: int) -> None:
    if rows > MOST_ROWS:
        raise ValueError(f"{rows:,} rows are more than {MOST_ROWS:,}.")


def _ink(content: bytes) -> np.ndarray:
    """How much of each pixel is ink: what differs, in any colour, from the background, the middle one of the border."""
    picture = _picture(content)
    picture.thumbnail((WORKING_PIXELS, WORKING_PIXELS))
    pixels = np.asarray(picture, dtype=float)
    if pixels[..., 3].min() < 128:  # transparent: what is drawn is what is opaque
        return np.where(pixels[..., 3] < 26, 0.0, pixels[..., 3])
    colors = pixels[..., :3]
    border = np.concatenate([colors[0], colors[-1], colors[:, 0], colors[:, -1]])
    ink = np.abs(colors - np.median(border, axis=0)).max(axis=2)
    ink[ink < 32] = 0.0  # the noise of a scan
    return ink


def _picture(content: bytes) -> Image.Image:
    """In RGBA, eight bits a channel."""
    from PIL import Image

    unreadable = ValueError("This is not a .png picture that can be read.")
    try:
        picture = Image.open(io.BytesIO(content), formats=("PNG",))
    except Exception:  # Pillow raises many kinds for a broken file
        raise unreadable from None
    if picture.width * picture.height > MOST_PIXELS:
        raise ValueError(f"{picture.width} × {picture.height} pixels are more than {MOST_PIXELS:,}.")
    try:
        if picture.mode.startswith("I"):  # sixteen bits of grey, which Pillow would cut at 255
            picture = Image.fromarray((np.asarray(picture, dtype=float) / 257).astype(np.uint8))
        return picture.convert("RGBA")
    except Exception:
        raise unreadable from None
