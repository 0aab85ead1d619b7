"""Tables as text, as written by Excel in any language, by pandas, by NumPy and by hand.

Encodings (UTF-8, UTF-16, Latin-1), separators (comma, semicolon, tab, bar, blanks), decimal points and commas, quotes,
comments, lines of names, missing values; and JSON.
"""

from __future__ import annotations

import csv
import json
import math
import re
from collections import Counter
from collections.abc import Sequence

from demos.diffusion.data.upload.table import Table, check_rows, plural

MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "-", "--", "?", ".", "missing"})
LAYOUTS = [(mark, decimal) for mark in (";", "\t", ",", "|", ", ", None) for decimal in ".," if mark != decimal]
LAYOUTS.append((",", ","))
"""Separators (None: blanks) and decimal marks, in the order in which they are preferred. The last one needs quotes."""
SAMPLE = 200  # the layout is detected from this many lines
MOST_COLUMNS = 1_000
LISTS = ("points", "data", "values", "rows")  # names of the list of points in a JSON object
_COMMENT = re.compile(r"\s*(#|%|//)")
_DASHES = {ord(dash): "-" for dash in "−–‐‑"}
_UNIT = re.compile(r"(?<=\d)(\s?[%‰°]|\s[a-zA-Zµμ]{1,3}[²³]?)$")
_GROUPED = re.compile(r"[-+]?\d{1,3}([ \u00a0\u202f\u2009'’])\d{3}(\1\d{3})*([.,]\d*)?")
_FORTRAN = re.compile(r"^([-+]?[\d.,]*\d[.,]?)[dD]([-+]?\d+)$")
_THOUSANDS = {".": re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d*)?"), ",": re.compile(r"[-+]?\d{1,3}(\.\d{3})+(,\d*)?")}


def decoded(content: bytes) -> str:
    """The text of a file. Raises ValueError where the file is no text."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        codes = ("utf-16",)
    elif b"\0" in content[:200]:
        codes = ("utf-16-le",) if content[1:2] == b"\0" else ("utf-16-be",)
    else:
        codes = ("utf-8-sig", "cp1252", "latin-1")
    for code in codes:
        try:
            text = content.decode(code)
        except UnicodeDecodeError:
            continue
        if not re.search(r"[\x00-\x08\x0e-\x1f\ufffe\uffff]", text):
            return text
    raise ValueError("The file is not text that can be read.")


def number(text: str, decimal: str = ".") -> float:
    """The number of one cell, without its unit; nan where its value is missing or not finite. ValueError where it is no
    number."""
    text = text.strip().translate(_DASHES)
    if text.lower() in MISSING:
        return math.nan
    text = _UNIT.sub("", text)
    if _GROUPED.fullmatch(text):
        text = re.sub(r"[ \u00a0\u202f\u2009'’]", "", text)
    if _THOUSANDS[decimal].fullmatch(text):
        text = text.replace("," if decimal == "." else ".", "")
    text = _FORTRAN.sub(r"\1e\2", text)
    if decimal == ",":
        if "." in text:
            raise ValueError
        text = text.replace(",", ".")
    if "_" in text:  # Python reads 1_000 as a number, but a data file does not mean one
        raise ValueError
    value = float(text)
    return value if math.isfinite(value) else math.nan


def _number_or_none(text: str, decimal: str) -> float | None:
    try:
        return number(text, decimal)
    except ValueError:
        return None


def table_of_text(content: bytes) -> Table:
    """The table of a text file or a JSON file. Raises ValueError where it holds no table of numbers."""
    text = decoded(content)
    if text.lstrip()[:1] in ("[", "{"):
        try:
            return _table_of_json(text)
        except (json.JSONDecodeError, RecursionError):
            if text.lstrip()[0] == "{":
                raise ValueError("This is not JSON that can be read.") from None
    lines = [(i, line) for i, line in enumerate(text.splitlines(), 1) if line.strip()]
    check_rows(len(lines))
    comments = {i: line for i, line in lines if _COMMENT.match(line)}
    lines = [(i, _without_brackets(re.sub(r"\s#.*", "", line))) for i, line in lines if i not in comments]
    if lines and re.fullmatch(r"sep=.", lines[0][1].strip(), re.IGNORECASE):
        lines = lines[1:]  # the line by which Excel declares its separator
    if not lines:
        raise ValueError("The file holds no numbers.")
    separator, decimal = _layout([line for _, line in lines[: SAMPLE + 5]])
    cells = [(i, _cells(line, separator)) for i, line in lines]
    if separator == "," and decimal == "." and _splits_decimals([row for _, row in cells]):
        cells, decimal = [(i, _mended(row)) for i, row in cells], ","
    return _table_of_cells(cells, decimal, [_COMMENT.sub("", line) for line in comments.values()], separator)


def _without_brackets(line: str) -> str:
    """A line without the brackets around a point, as Python and NumPy print it: "[1, 2]," becomes "1, 2".

    No regular expression: on a hundred thousand brackets one takes minutes.
    """
    text = line.strip()
    if text[-1:] in (",", ";"):
        text = text[:-1].rstrip()
    opened = text.lstrip("[({")
    closed = opened.rstrip("])}")
    return closed if opened != text and closed != opened else line


def _layout(lines: list[str]) -> tuple[str | None, str]:
    """The separator and the decimal mark under which most lines are rows of one length, with at least two numbers."""
    best, found = 0.0, None
    quoted = any('"' in line for line in lines)
    for separator, decimal in LAYOUTS if quoted else LAYOUTS[:-1]:
        rows = [_cells(line, separator) for line in lines]
        counts: Counter[int] = Counter()
        parts: dict[int, float] = {}
        for row in rows:
            values = [_number_or_none(cell, decimal) for cell in row]
            good = sum(value is not None and not math.isnan(value) for value in values)
            if good >= 2:
                counts[len(row)] += 1
                parts[len(row)] = parts.get(len(row), 0.0) + sum(value is not None for value in values) / len(row)
        if counts:
            length, count = counts.most_common(1)[0]
            score = count + parts[length]
            if score > best * 1.0001:
                best, found = score, (separator, decimal)
    if found is not None:
        return found
    alone = [line.strip().strip(",;\"'") for line in lines[1:] or lines]
    if any(_number_or_none(line, mark) is not None for line in alone for mark in ".,"):
        raise ValueError("The file holds one column of numbers; two are needed.")
    shown = next((line for line in lines if re.search(r"\d", line)), lines[0]).strip()
    shown = shown if len(shown) <= 40 else shown[:37] + "…"
    raise ValueError(f"No line of the file holds two numbers; one of its lines is “{shown}”.")


def _cells(line: str, separator: str | None) -> list[str]:
    if separator is None:
        return [cell.strip("\"'") for cell in line.split()]
    if '"' in line:
        try:
            row = next(csv.reader([line], delimiter=separator[0], skipinitialspace=True))
        except (csv.Error, StopIteration):
            row = line.split(separator)
    else:
        row = line.split(separator)
    return [cell.strip().strip("\"'").strip() for cell in row]


def _splits_decimals(rows: Sequence[Sequence[str]]) -> bool:
    """Whether decimal commas were split as if they separated cells: "0,5,-0,25" is two numbers, of four parts.

    Every other part then holds digits alone, and as many parts as there are names twice over; or a sign of nothing, as
    in "-0", or digits that begin with zeros, give it away."""
    named = len(rows[0]) if not any(re.search(r"\d", cell) for cell in rows[0]) else 0
    body = rows[1:] if named else rows
    if len(body) < 2 or any(len(row) != len(body[0]) for row in body) or len(body[0]) not in (4, 6):
        return False
    whole = all(re.fullmatch(r"[-+−]?\d+", row[k]) for row in body for k in range(0, len(row), 2))
    if not whole or not all(re.fullmatch(r"\d+", row[k]) for row in body for k in range(1, len(row), 2)):
        return False
    if named:
        return 2 * named == len(body[0])
    nothing = any(re.fullmatch(r"[-−]0+", row[k]) for row in body for k in range(0, len(row), 2))
    return nothing or any(re.fullmatch(r"0\d+", row[k]) for row in body for k in range(1, len(row), 2))


def _mended(row: Sequence[str]) -> list[str]:
    """The row with its decimals put together again; a row of names as it is."""
    if any(not re.fullmatch(r"[-+−]?\d+", cell) for cell in row):
        return list(row)
    return [f"{whole},{part}" for whole, part in zip(row[::2], row[1::2], strict=True)]


def _table_of_cells(cells, decimal: str, comments: list[str], separator: str | None) -> Table:
    values = [[_number_or_none(cell, decimal) for cell in row] for _, row in cells]
    has_numbers = [any(value is not None and not math.isnan(value) for value in row) for row in values]
    first = has_numbers.index(True)
    if first == 0 and _counts_columns(cells[0][1], cells[1:]):
        first = 1
    lengths = Counter(len(row) for row in values[first:])
    width = lengths.most_common(1)[0][0]
    if width > MOST_COLUMNS:
        raise ValueError(f"{width:,} columns are more than {MOST_COLUMNS:,}.")
    named = next((row for _, row in reversed(cells[:first]) if len(row) in (width, width - 1)), None)
    if named is None and comments and not first:  # NumPy writes its header as a comment
        last = _cells(comments[-1].strip(), separator if separator and separator in comments[-1] else None)
        named = last if len(last) == width else None
    names = [name.strip() for name in named] if named else [""] * width
    names = [""] * (width - len(names)) + names  # R leaves out the name of its column of row names
    bad = [cells[first + i][0] for i, row in enumerate(values[first:]) if len(row) != width]
    rows = [first + i for i, row in enumerate(values[first:]) if len(row) == width]
    if 2 * len(bad) > len(rows):
        i = next(i for i in range(first, len(values)) if len(values[i]) != width)
        raise ValueError(f"Line {cells[i][0]} of the file holds {len(values[i])} values, most others {width}.")
    notes = [_left_out(bad, f"that do not hold {width} values")] if bad else []
    texts = [[cells[i][1][k] for i in rows] for k in range(width)]
    numbers = [[math.nan if (v := values[i][k]) is None else v for i in rows] for k in range(width)]
    return Table(names, texts, numbers, notes, [cells[i][0] for i in rows])


def _counts_columns(row: Sequence[str], others) -> bool:
    """Whether a first row holds pandas' names of unnamed columns: 0, 1, …, perhaps after an empty cell."""
    names = list(row[1:]) if row and not row[0] else list(row)
    if len(names) < 2 or names != [str(i) for i in range(len(names))] or not others:
        return False
    return not row[0] or all(re.search(r"[.,eE]", cell) for _, other in others[:50] for cell in other[:2])


def _left_out(lines: Sequence[int], why: str) -> str:
    shown = ", ".join(map(str, lines[:3])) + (", …" if len(lines) > 3 else "")
    return f"Left out {plural(len(lines), 'line')} {why}: line {shown}."


def _table_of_json(text: str) -> Table:
    """The table of a JSON text: a list of pairs or of records, or columns by name, as pandas and Vega write them."""
    found = _json_of(text)
    names: list[str] | None = None
    if isinstance(found, dict) and isinstance(found.get("features"), list):  # GeoJSON
        found = [feature.get("geometry") for feature in found["features"] if isinstance(feature, dict)]
        found = [place.get("coordinates") for place in found if isinstance(place, dict)]
    while isinstance(found, dict) and (inner := next((v for k, v in found.items() if _holds_columns(k, v)), None)):
        found = inner
    if isinstance(found, dict):
        keys = {key.lower(): key for key in found}
        if {"columns", "data"} <= keys.keys() and isinstance(found[keys["columns"]], list):
            names, found = [str(name) for name in found[keys["columns"]]], found[keys["data"]]
        elif lists := [keys[k] for k in LISTS if isinstance(found.get(keys.get(k)), list)]:
            found = found[lists[0]]
        else:
            columns = {str(name): list(v.values()) if isinstance(v, dict) else v for name, v in found.items()}
            columns = {name: column for name, column in columns.items() if isinstance(column, list)}
            sizes = Counter(len(column) for column in columns.values())
            if not sizes:
                raise ValueError("This JSON holds no lists of numbers.")
            size = sizes.most_common(1)[0][0]
            names = [name for name, column in columns.items() if len(column) == size]
            found = [list(row) for row in zip(*(columns[name] for name in names), strict=True)]
    if isinstance(found, list) and len(found) == 2 and all(isinstance(row, list) and len(row) > 2 for row in found):
        found = [list(row) for row in zip(*found, strict=False)]  # [xs, ys]
    if not isinstance(found, list) or not found:
        raise ValueError("This JSON holds no list of points.")
    check_rows(len(found))
    if isinstance(found[0], dict):
        names = [str(name) for name in found[0]]
        found = [[row.get(name) for name in found[0]] if isinstance(row, dict) else [] for row in found]
    cells = [(i, [_shown(cell) for cell in row]) for i, row in enumerate(found, 1) if isinstance(row, list)]
    if not any(len([c for c in row if _number_or_none(c, ".") is not None]) >= 2 for _, row in cells):
        raise ValueError("This JSON holds no list of points with two numbers each.")
    head = [(0, names)] if names else []
    return _table_of_cells(head + cells, ".", [], ",")


def _json_of(text: str):
    """The value of a JSON text, or the list of those of its lines."""
    nan = lambda _: math.nan
    try:
        return json.loads(text, parse_constant=nan)
    except json.JSONDecodeError:
        return [json.loads(line, parse_constant=nan) for line in text.splitlines() if line.strip()]


def _holds_columns(key: str, value) -> bool:
    """Whether a member of a JSON object holds the points as columns by name: {"data": {"x": …, "y": …}}."""
    return key.lower() in LISTS and isinstance(value, dict) and any(isinstance(v, list | dict) for v in value.values())


def _shown(cell) -> str:
    return "" if cell is None else str(cell)
