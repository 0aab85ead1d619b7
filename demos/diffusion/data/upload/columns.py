"""Which columns of a table are x and y, and which is the class of each point."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from demos.diffusion.data.dataset import COLORS
from demos.diffusion.data.upload.table import Table, plural

PAIRS = tuple(
    tuple(pair.split()) for pair in ("x y", "x1 x2", "x_1 x_2", "x0 x1", "x_0 x_1", "lon lat", "longitude latitude")
)
INDEX = ("index", "id", "idx", "no", "nr", "no.", "nr.", "#", "row", "unnamed: 0", "rownames", "n°", "nº", "№")
MEASURED = ("x", "t", "time", "zeit", "temps", "x0", "x1", "x_0", "x_1")  # names of a first column that may rise by one
CLASS = "label labels class classes target targets species cluster group category type c".split()
MOST_CLASSES = COLORS
NAME = 16  # longest name of a class, in characters
FILLED = 0.5  # the share of numbers that a column of coordinates has, if there are two such columns


@dataclass
class Columns:
    """points (n, 2); labels (n,): indices into `names`, or None."""

    points: np.ndarray
    labels: np.ndarray | None
    names: tuple[str, ...]
    notes: list[str]


def chosen(table: Table) -> Columns:
    """The points and classes of a table. Raises ValueError where there are no two columns of numbers."""
    numbers = [np.asarray(column, dtype=float) for column in table.numbers]
    names = [name.strip().lower() for name in table.names]
    filled = [k for k, column in enumerate(numbers) if np.isfinite(column).any() or any(table.texts[k])]
    any_numbers = [k for k in filled if np.isfinite(numbers[k]).any() and not _is_text(table, k)]
    numeric = [k for k in any_numbers if np.isfinite(numbers[k]).mean() > FILLED]
    numeric = numeric if len(numeric) > 1 else any_numbers
    if len(numeric) < 2:
        raise ValueError(f"The file holds {plural(len(numeric), 'column')} of numbers; two are needed.")
    index = [k for k in numeric if _is_index(names, numbers, k, len(numeric))]
    left = [k for k in numeric if k not in index]
    label = _label(table, names, numbers, filled, left, index)
    pair = next(((names.index(a), names.index(b)) for a, b in PAIRS if a in names and b in names), None)
    if pair is None or not {*pair} <= {*left}:
        places = [k for k in left if k != label]
        if len(places) < 2:
            places, label = left, None
        pair = places[0], places[1]
    if label in pair:
        label = None
    notes = list(table.notes)
    others = [k for k in filled if k not in (*pair, label)]
    if others:
        notes.append(_used(table, pair, label, others, index))
    points = np.stack([numbers[k] for k in pair], axis=1)
    good = np.isfinite(points).all(axis=1)
    if not good.all():
        notes.append(_missing(table, np.flatnonzero(~good)))
    if 2 * good.sum() < len(good):
        raise ValueError(f"{(~good).sum():,} of {len(good):,} rows lack a number.")
    labels, class_names = None, ()
    if label is not None:
        labels, class_names, more = _classes([table.texts[label][i] for i in np.flatnonzero(good)])
        notes += more
    return Columns(points[good], labels, class_names, notes)


def _is_text(table: Table, k: int) -> bool:
    """Whether more cells of a column are words than numbers."""
    words = sum(not np.isfinite(v) and bool(t.strip()) for v, t in zip(table.numbers[k], table.texts[k], strict=True))
    return 2 * words > len(table.numbers[k])


def _is_index(names: list[str], numbers: list[np.ndarray], k: int, numeric: int) -> bool:
    """Whether a column only numbers the rows: by its name, or because it is the first of three or more columns, rises
    by one from row to row, and is not named like a coordinate or a time."""
    column = numbers[k][np.isfinite(numbers[k])]
    whole = _is_whole(column) and len(np.unique(column)) == len(column)
    counts = whole and len(column) > 2 and bool((np.diff(column) == 1).all())
    if numeric < 3 or not whole:
        return False
    if names[k] in INDEX or (k == 0 and not names[k] and any(names)):
        return True
    return k == 0 and counts and names[k] not in MEASURED and column[0] in (0, 1)


def _label(table: Table, names, numbers, filled, left, index) -> int | None:
    """The index of the column of classes, or None: found by its name, or as a column of a few different words, which
    dates and names of places are not, or as the last or first column if it holds a few different whole numbers."""
    rows = len(numbers[0])

    def few(k: int) -> bool:
        values = {text.strip() for text in table.texts[k]} - {""}
        return 2 <= len(values) <= max(2, rows // 2)

    for k in filled:
        if names[k] in CLASS and k not in index and few(k):
            return k
    for k in filled:
        if k not in left and k not in index and few(k) and 2 * _others(table.texts[k]) <= rows:
            return k
    if len(left) < 3:
        return None
    whole = [k for k in left if _is_whole(numbers[k])]
    for k in (left[-1], left[0]):
        values = len(np.unique(numbers[k][np.isfinite(numbers[k])]))
        if k in whole and len(whole) < len(left) and 2 <= values <= MOST_CLASSES and rows >= 2 * values:
            return k
    return None


def _others(texts: list[str]) -> int:
    """How many rows would be of the class "other"."""
    counts = Counter(text.strip() for text in texts)
    return len(texts) - sum(n for _, n in counts.most_common(MOST_CLASSES - 1)) if len(counts) > MOST_CLASSES else 0


def _is_whole(column: np.ndarray) -> bool:
    there = column[np.isfinite(column)]
    return bool((there == np.rint(there)).all())


def _classes(texts: list[str]) -> tuple[np.ndarray | None, tuple[str, ...], list[str]]:
    """Labels (n,), the names of the classes, and notes for the visitor. Beyond eight classes, the least frequent ones
    become "other"."""
    cleaned = [re.sub(r"\s+", " ", re.sub(r"\.0+$", "", text.strip()))[:NAME] or "none" for text in texts]
    counts = Counter(cleaned)
    if len(counts) < 2:
        return None, (), []
    notes = []
    if len(counts) > MOST_CLASSES:
        common = {name for name, _ in counts.most_common(MOST_CLASSES - 1)}
        cleaned = [name if name in common else "other" for name in cleaned]
        notes.append(f"Of {len(counts):,} classes the {MOST_CLASSES - 1} most frequent are kept; the rest are “other”.")
    ordered = sorted(set(cleaned), key=lambda name: (name == "other", _natural(name)))
    notes.append(f"{plural(len(ordered), 'class').replace('classs', 'classes')}: {', '.join(ordered)}.")
    return np.array([ordered.index(name) for name in cleaned]), tuple(ordered), notes


def _natural(name: str) -> tuple:
    return (0, float(name), "") if re.fullmatch(r"-?\d+(\.\d+)?", name) else (1, 0.0, name)


def _called(table: Table, k: int) -> str:
    return f"“{table.names[k][:30]}”" if table.names[k] else f"column {k + 1}"


def _used(table: Table, pair, label, others, index) -> str:
    what = f"{_called(table, pair[0])} is x and {_called(table, pair[1])} is y"
    if label is not None:
        what += f", {_called(table, label)} the class"
    rest = ", ".join(_called(table, k) for k in others[:4]) + (", …" if len(others) > 4 else "")
    what = what[0].upper() + what[1:]
    return f"{what}; left aside: {rest}{', which only counts the rows' if index and others == index else ''}."


def _missing(table: Table, rows: np.ndarray) -> str:
    shown = ""
    if len(table.source_lines):
        shown = ": line " + ", ".join(str(table.source_lines[i]) for i in rows[:3]) + (", …" if len(rows) > 3 else "")
    return f"Left out {plural(len(rows), 'row')} where a number is missing or cannot be read{shown}."
