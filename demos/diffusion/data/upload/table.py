"""A table of an uploaded file, and what the file may hold at most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

MOST_BYTES = 10 << 20  # of the file, and of what it unpacks to
MOST_ROWS = 200_000


@dataclass
class Table:
    """Columns of one length: numbers where they can be read, nan where a value is missing or no number.

    names: "" where a column has none. texts: what stood in each cell. notes: what was left out, in sentences.
    """

    names: list[str]
    texts: list[list[str]]
    numbers: list[Sequence[float]]
    notes: list[str] = field(default_factory=list)
    source_lines: Sequence[int] = ()  # of each row, 1-based, where there are lines


def check_rows(rows: int) -> None:
    if rows > MOST_ROWS:
        raise ValueError(f"{rows:,} rows are more than {MOST_ROWS:,}.")


def plural(count: int, word: str) -> str:
    return f"{count:,} {word}{'s' * (count != 1)}"
