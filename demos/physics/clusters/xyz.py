"""XYZ files: atoms as text, "N", a comment, then N lines "name x y z". Read with every doubt, written plainly."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from demos.physics.clusters.model import FEWEST, MOST

LARGEST = 64_000  # bytes: 75 lines of 80 are a tenth of it
FARTHEST = 1000.0  # a coordinate, in units of the file


def read_xyz(data: bytes | str, unit: float = 1.0) -> Tensor:
    """(N, 3) float64 positions about their centre, divided by `unit` (the length in the file that is one here).

    Columns after the fourth are ignored, as are lines after the last atom if they are empty; a further frame is
    refused. Raises ValueError in one sentence that names the line.
    """
    if not 0 < unit < math.inf:
        raise ValueError(f"unit = {unit} must be a number > 0.")
    if len(data) > LARGEST:
        raise ValueError(f"The file has {len(data):,} bytes; an XYZ file of {MOST} atoms needs fewer than {LARGEST:,}.")
    if isinstance(data, bytes):
        try:
            data = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise ValueError("The file is not text; an XYZ file is.") from None
    lines = data.split("\n")
    count = _count(lines[0])
    rows = lines[2 : 2 + count]
    if len(rows) < count or (len(rows) == count and not rows[-1].strip()):
        there = sum(bool(row.strip()) for row in rows)
        raise ValueError(f"Line 1 promises {count} atoms, but {there} follow.")
    for number, line in enumerate(lines[2 + count :], start=3 + count):
        if line.strip():
            raise ValueError(f"Line {number} comes after the last of the {count} atoms that line 1 promises.")
    positions = np.array([_place(row, number) for number, row in enumerate(rows, start=3)])
    return torch.from_numpy((positions - positions.mean(0)) / unit)


def _count(line: str) -> int:
    text = line.strip()
    if not text.isascii() or not text.isdigit():
        raise ValueError(f"Line 1 is {_shown(text)}; an XYZ file begins with the number of atoms.")
    if len(text) > 9 or not FEWEST <= int(text) <= MOST:
        raise ValueError(f"The file has {_shown(text)[1:-1]} atoms; {FEWEST} to {MOST} can be used here.")
    return int(text)


def _place(row: str, number: int) -> list[float]:
    parts = row.split()
    if len(parts) < 4:
        raise ValueError(f"Line {number} is {_shown(row.strip())}; it must be a name and three numbers.")
    place = []
    for part in parts[1:4]:
        try:
            value = float(part)
        except ValueError:
            raise ValueError(f"Line {number} has {_shown(part)} where a coordinate must be.") from None
        if not abs(value) <= FARTHEST:  # also nan
            raise ValueError(f"Line {number} has the coordinate {_shown(part)[1:-1]}; it must be from −1,000 to 1,000.")
        place.append(value)
    return place


def _shown(text: str) -> str:
    return repr(text if len(text) <= 30 else text[:27] + "...")
