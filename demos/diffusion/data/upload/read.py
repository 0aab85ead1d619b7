"""Reads an uploaded file: detects its kind, by its first bytes before its name, and gives its points with notes."""

from __future__ import annotations

import gzip
import io
import zlib
from dataclasses import dataclass, field

import numpy as np

from demos.diffusion.data.encoding import MOST_POINTS
from demos.diffusion.data.upload.arrays import table_of_npy, table_of_npz
from demos.diffusion.data.upload.columns import chosen
from demos.diffusion.data.upload.picture import ink_of, is_picture
from demos.diffusion.data.upload.placing import placed
from demos.diffusion.data.upload.table import MOST_BYTES
from demos.diffusion.data.upload.text import table_of_text
from demos.diffusion.data.word import points_from_ink
from demos.diffusion.streams import PointStream, point_generator

TABLES = ("csv", "txt", "tsv", "dat", "tab", "json", "xy", "jsonl", "geojson", "asc")
PICTURES = ("png", "jpg", "jpeg", "gif", "webp", "bmp", "avif", "tif", "tiff")
TYPES = (*TABLES, "npy", "npz", "gz", *PICTURES)
"""Endings of files that can be read."""
ELSEWHERE = {
    "xlsx": "save the sheet as .csv",
    "xls": "save the sheet as .csv",
    "ods": "save the sheet as .csv",
    "pdf": "save it as a picture, .png or .jpg",
    "svg": "save it as a picture, .png or .jpg",
    "heic": "save it as .jpg",
    "parquet": "save the table as .csv",
    "mat": "save the points as .csv",
    "pkl": "save the points as .npy or .csv",
}


@dataclass(frozen=True)
class Upload:
    """points (n, 2) in [−4, 4]²; labels (n,): indices into `names`, or None; notes: sentences on what was done."""

    points: np.ndarray
    labels: np.ndarray | None = None
    names: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())


def read_upload(name: str, content: bytes, count: int = MOST_POINTS, seed: int = 0) -> Upload:
    """At most `count` points of a file, chosen by `seed`. Raises ValueError where the file cannot be read as points."""
    if len(content) > MOST_BYTES:
        raise ValueError(f"The file has {len(content) / 2**20:.1f} MB; at most {MOST_BYTES >> 20} MB are read.")
    if not content:
        raise ValueError("The file is empty.")
    kind = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if content[:2] == b"\x1f\x8b":
        content, kind = _unpacked(content), name.lower().removesuffix(".gz").rsplit(".", 1)[-1]
    if is_picture(content) or kind in PICTURES:
        ink, notes = ink_of(content)
        return Upload(points_from_ink(ink, min(count, MOST_POINTS), seed), notes=tuple(notes))
    if content.startswith(b"PK\3\4") and kind != "xlsx":
        table = table_of_npz(content)
    elif content.startswith(b"\x93NUMPY") or kind in ("npy", "npz"):
        table = table_of_npy(content)
    elif kind in TABLES or (kind == "gz"):
        table = table_of_text(content)
    else:
        if kind in ELSEWHERE:
            raise ValueError(f"A .{kind} file cannot be read: {ELSEWHERE[kind]}.")
        raise ValueError("Tables (.csv, .txt, .json …), arrays (.npy, .npz) and pictures (.png, .jpg …) can be read.")
    columns = chosen(table)
    points, kept, notes = placed(columns.points)
    notes = [*columns.notes, *notes]
    labels = None if columns.labels is None else columns.labels[kept]
    if len(points) > count:
        notes.append(f"{count:,} of {len(points):,} points were taken, at random.")
        some = np.sort(point_generator(seed, PointStream.UPLOAD).choice(len(points), count, replace=False))
        points, labels = points[some], None if labels is None else labels[some]
    return Upload(points, labels, columns.names if labels is not None else (), tuple(notes))


def _unpacked(content: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            found = file.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        raise ValueError("This is not a .gz file that can be read.") from None
    if len(found) > MOST_BYTES:
        raise ValueError(f"The file unpacks to more than {MOST_BYTES >> 20} MB.")
    return found
