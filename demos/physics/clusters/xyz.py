"""XYZ files: atoms as text, "N", a comment, then N lines "name x y z". The reader checks everything, and accepts common
variants: Ångström, any elements, several frames, a missing comment, the columns of extended XYZ, any encoding."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from demos.common.numbers import counted
from demos.physics.clusters.model import FEWEST, MOST

LARGEST = 1_000_000  # bytes: one frame of 75 atoms has about a hundredth of it, but there may be many frames
FARTHEST = 1000.0  # largest coordinate, in units of the file
FITS = (0.75, 1.5)  # nearest-neighbour distance over the equilibrium one, if a file has the pair potential's unit
SIGMA = {"He": 2.56, "Ne": 2.79, "Ar": 3.405, "Kr": 3.65, "Xe": 3.98}  # Å: σ of Lennard-Jones, from tables
_NAME = re.compile(r"([A-Z][a-z]?)[0-9]*$")
_ELEMENTS = frozenset(
    "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr Nb "
    "Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Nd Sm Eu Gd Tb Dy Er Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi "
    "U".split()
)


@dataclass(frozen=True)
class Atoms:
    """positions (N, 3) float64 about their centre, in units of the pair potential; notes: what was done."""

    positions: Tensor
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Frame:
    names: list[str]
    places: np.ndarray  # (N, 3)


def atoms_of_file(data: bytes | str, rest: float, kind: str = "Lennard-Jones", unit: float | None = None) -> Atoms:
    """The last frame of a file. Raises ValueError with the number of the line that is wrong.

    rest: the equilibrium distance of two atoms. unit: the length in the file that is one here; where it is None, a file
    whose nearest-neighbour distance is far from `rest` is taken to be in Ångström (or another unit) and scaled. kind:
    the name of the pair potential, for the notes.
    """
    frames, notes = _frames(_text(data)), []
    frame = frames[-1]
    if len(frames) > 1:
        notes.append(f"The file has {counted(len(frames), 'frame')}; the last one is used.")
    places = frame.places - frame.places.mean(0)
    elements = Counter(match[1] for name in frame.names if (match := _NAME.match(name)) and match[1] in _ELEMENTS)
    if unit is None:
        unit, note = _unit(places, elements, rest)
        notes += note
    if elements and not (len(elements) == 1 and next(iter(elements)) in SIGMA and kind == "Lennard-Jones"):
        formula = ", ".join(f"{count} {name}" for name, count in elements.most_common())
        notes.append(f"{formula}: all run as {kind} atoms of one kind, without charges, bonds or masses.")
    return Atoms(torch.from_numpy(places / unit), tuple(notes))


def read_xyz(data: bytes | str, unit: float = 1.0) -> Tensor:
    """(N, 3) float64 positions about their centre, divided by `unit` (the length in the file that is one here).

    Columns after the fourth are ignored, as are empty lines and comments after the last atom; of several frames the
    last is read. Raises ValueError with the number of the line that is wrong.
    """
    if not 0 < unit < math.inf:
        raise ValueError(f"unit = {unit} must be a number > 0.")
    return atoms_of_file(data, 1.0, unit=unit).positions


def _unit(places: np.ndarray, elements: Counter[str], rest: float) -> tuple[float, list[str]]:
    """The length in the file that is one here, and notes on it."""
    gaps = np.linalg.norm(places[:, None] - places[None], axis=-1)
    np.fill_diagonal(gaps, np.inf)
    nearest = float(np.median(gaps.min(axis=1)))
    if nearest == 0 or FITS[0] <= nearest / rest <= FITS[1]:
        return 1.0, []
    element = next(iter(elements)) if len(elements) == 1 else ""
    sigma = SIGMA.get(element, 0.0)
    if sigma and FITS[0] <= nearest / sigma / rest <= FITS[1]:
        return sigma, [f"Taken as Ångström: lengths were divided by {sigma:g}, the σ of {element}."]
    what = f"neighbours in the file are {nearest:.3g} apart, at rest here {rest:.3g}"
    return nearest / rest, [f"Lengths were divided by {nearest / rest:.3g}: {what}."]


def _text(data: bytes | str) -> str:
    if len(data) > LARGEST:
        raise ValueError(f"The file has {len(data):,} bytes; at most {LARGEST:,} are read.")
    if isinstance(data, str):
        return data
    for code in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "latin-1"):
        try:
            text = data.decode(code)
        except UnicodeDecodeError:
            continue
        if not re.search(r"[\x00-\x08\x0e-\x1f]", text):
            return text
    raise ValueError("The file is not text; an XYZ file is.")


def _frames(text: str) -> list[_Frame]:
    lines = [line.rstrip("\r") for line in text.split("\n")]
    at, frames = _after_blanks(lines, 0), []
    first = at
    if at == len(lines):
        raise ValueError("Line 1 is ''; an XYZ file begins with the number of atoms.")
    if _is_atom(lines[at]):  # the file has neither number nor comment, only atoms
        there = [line for line in lines[at:] if line.strip()]
        lines, at = [str(len(there)), "", *lines[at:]], 0
    while at < len(lines):
        if frames and _count_or_none(lines[at]) is None:
            if lines[at].lstrip()[:1] in "#!%":
                at = _after_blanks(lines, at + 1)
                continue
            count = len(frames[-1].names)
            raise ValueError(
                f"Line {at + 1} comes after the last of the {counted(count, 'atom')} that line {first + 1} promises."
            )
        first, count = at, _count(lines[at], at + 1)
        begin = at + 2
        if (
            at + 1 < len(lines)
            and _is_atom(lines[at + 1])
            and not _is_atom("".join(lines[at + 1 + count : at + 2 + count]))
        ):
            begin = at + 1  # the comment is missing
        rows = lines[begin : begin + count]
        there = next((i for i, row in enumerate(rows) if not row.strip()), len(rows))
        if there < count:
            raise ValueError(f"Line {first + 1} promises {counted(count, 'atom')}, but {there} follow.")
        columns = _columns(lines[at + 1]) if begin == at + 2 else (0, 1)
        read = [_place(row, number, *columns) for number, row in enumerate(rows, start=begin + 1)]
        frames.append(_Frame([name for name, _ in read], np.array([place for _, place in read])))
        at = _after_blanks(lines, begin + count)
    return frames


def _after_blanks(lines: list[str], at: int) -> int:
    while at < len(lines) and not lines[at].strip():
        at += 1
    return at


def _count_or_none(line: str) -> str | None:
    """The digits of a line that gives the number of atoms, "3" or "3 atoms"; None for another line."""
    match = re.fullmatch(r"([0-9]+)(\s+atoms?\.?)?", line.strip(), re.IGNORECASE | re.ASCII)
    return match[1] if match else None


def _count(line: str, number: int) -> int:
    text = _count_or_none(line)
    if text is None:
        raise ValueError(f"Line {number} is {_shown(line.strip())}; an XYZ file begins with the number of atoms.")
    if len(text) > 9 or not FEWEST <= int(text) <= MOST:
        many = "1 atom" if _shown(text)[1:-1] == "1" else f"{_shown(text)[1:-1]} atoms"
        raise ValueError(f"The file has {many}; {FEWEST} to {MOST} can be used here.")
    return int(text)


def _parts(row: str) -> list[str]:
    parts = row.split("#")[0].split()
    return re.split(r"\s*[,;]\s*", row.strip()) if len(parts) < 3 and row.count(",") + row.count(";") >= 2 else parts


def _is_atom(row: str) -> bool:
    parts = _parts(row)
    numbers = parts[-3:] if len(parts) == 3 else parts[1:4]
    return len(numbers) == 3 and all(_number(part) is not None for part in numbers)


def _number(part: str) -> float | None:
    """A coordinate, also with Fortran's exponent D or a decimal comma; None for no number."""
    try:
        return float(re.sub(r"[dD](?=[+-]?[0-9]+$)", "e", part).replace(",", ".").rstrip("."))
    except ValueError:
        return None


def _columns(comment: str) -> tuple[int, int]:
    """The column of the name and the first of the three of the place, counted from 0. Extended XYZ says where they are:
    Properties=id:I:1:species:S:1:pos:R:3."""
    match = re.search(r"properties\s*=\s*[\"']?([^\s\"']+)", comment, re.IGNORECASE)
    found, column, fields = {}, 0, match[1].split(":") if match else []
    for name, _, count in zip(*[iter(fields)] * 3, strict=False):
        found[name.lower()] = column
        column += int(count) if count.isdecimal() and len(count) < 3 else 1
    return (found.get("species", 0), found["pos"]) if "pos" in found else (0, 1)


def _place(row: str, number: int, name_at: int, place_at: int) -> tuple[str, list[float]]:
    parts = _parts(row)
    if len(parts) == 3 and all(_number(part) is not None for part in parts):
        parts, name_at, place_at = ["", *parts], 0, 1  # the file has no names of atoms
    if len(parts) < max(name_at + 1, place_at + 3):
        raise ValueError(f"Line {number} is {_shown(row.strip())}; it must be a name and three numbers.")
    place = []
    for part in parts[place_at : place_at + 3]:
        value = _number(part)
        if value is None:
            raise ValueError(f"Line {number} has {_shown(part)} where a coordinate must be.")
        if not abs(value) <= FARTHEST:  # also nan
            raise ValueError(f"Line {number} has the coordinate {_shown(part)[1:-1]}; it must be from −1,000 to 1,000.")
        place.append(value)
    return parts[name_at], place


def _shown(text: str) -> str:
    return repr(text if len(text) <= 30 else text[:27] + "...")
