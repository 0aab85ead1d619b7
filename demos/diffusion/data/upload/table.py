"""A table of an uploaded file, and the limits on its size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

MOST_BYTES = 10 << 20  # of the file, and of its unpacked content
MOST_ROWS = 200_000


@dataclass
class Table:
    """Columns of equal length: numbers, and nan where a cell is empty or holds no number.

    names: of the columns, "" where one has none. texts: the original text of each cell. notes: sentences on what was
    left out.
    """

    names: list[str]
    texts: list[list[str]]
    numbers: list[Sequence[float]]
    notes: list[str] = field(default_factory=list)
    source_lines: Sequence[int] = ()  # the line of the file that each row comes from, from 1; empty without lines


def check_rows(rows: int) -> None:
    if rows > MOST_ROWS:
        raise ValueError(f"{rows:,} rows are more than {MOST_ROWS:,}.")


def plural(count: int, word: str) -> str:
    return f"{count:,} {word}{'s' * (count != 1)}"
