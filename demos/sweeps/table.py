"""The table of a sweep, and its file, from which an interrupted sweep continues."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

import pandas as pd

from demos.common.paths import check_writable
from demos.common.version import version
from demos.contract import Demo
from demos.sweeps.points import Point
from demos.sweeps.work import FAILED, ROW, Outcome

OF_RUN = ("verdict", "headline", "error", "seconds")
NUMBERS = ("seconds", "measured", "truth", "predicted", "uncertainty", "predicted_error", "difference", "allowed")
EVERY = 5.0  # seconds between two writes of the file, and
SHARE = 20  # at least so many times the duration of a write


class Table:
    """One row for each check of each run; see `demos.sweep`. Raises ValueError if the file cannot be
    used."""

    def __init__(self, demo: Demo, points: Sequence[Point], file: Path | None) -> None:
        self.demo, self.file = demo.name, file
        self.fields = list(demo.config.controls())
        self._index = {point.fields: index for index, point in enumerate(points)}
        self._rows: list[dict[str, Any]] = []
        self._frame = self._empty()
        if file is not None:
            _check_file(file)
            if file.exists():
                self._frame = self._kept(_read(file), points)
        self.done = set(self._keys(self._frame))
        self._written, self._pause = monotonic(), EVERY

    def add(self, point: Point, outcome: Outcome) -> None:
        """Add the rows of one run, and write the file if the last write was long enough ago."""
        run = {"run": self._index[point.fields], **dict(zip(self.fields, point.fields, strict=True))}
        run |= {name: getattr(outcome, name) for name in OF_RUN}
        self._rows += [run | row for row in outcome.rows or ({"check": "", "about": "", "unit": "", "state": ""},)]
        self.done.add(point.fields)
        if self.file is not None and monotonic() > self._written + self._pause:
            self.write()

    def frame(self) -> pd.DataFrame:
        """All rows so far, in the order of the runs."""
        if self._rows:
            new = self._typed(pd.DataFrame(self._rows, columns=list(self._empty())))
            parts = [part for part in (self._frame, new) if len(part)]
            self._frame = pd.concat(parts).sort_values("run", kind="stable", ignore_index=True)
            self._rows = []
        self._frame.attrs = {"demo": self.demo, "version": version()}
        return self._frame

    def write(self) -> None:
        """Replace the file, atomically, by one with all rows so far. Raises OSError."""
        if self.file is None:
            return
        begun, part = monotonic(), self.file.with_name(f".{self.file.name}.part")
        try:
            self.frame().to_parquet(part, index=False)
            os.replace(part, self.file)
        finally:
            part.unlink(missing_ok=True)
        self._written = monotonic()
        self._pause = max(EVERY, SHARE * (self._written - begun))

    def _empty(self) -> pd.DataFrame:
        names = ["run", *self.fields, *OF_RUN, "check", *ROW]
        return pd.DataFrame({name: [] for name in names})

    def _typed(self, frame: pd.DataFrame) -> pd.DataFrame:
        return frame.astype(dict.fromkeys(NUMBERS, float))

    def _keys(self, frame: pd.DataFrame) -> list[tuple[Any, ...]]:
        return list(frame[self.fields].drop_duplicates().itertuples(index=False, name=None))

    def _kept(self, found: pd.DataFrame, points: Sequence[Point]) -> pd.DataFrame:
        """The rows of an existing file without failed runs. Raises ValueError for another sweep's file."""
        name, made = found.attrs.get("demo"), found.attrs.get("version")
        if name != self.demo or list(found) != list(self._empty()):
            raise ValueError(f"{self.file} holds {f'a sweep of {name}' if name else 'something else'}: name another.")
        if made != version():
            raise ValueError(f"{self.file} was made by version {made}, and this is {version()}: name another file.")
        strange = [key for key in self._keys(found) if key not in self._index]
        if strange:
            raise ValueError(f"{self.file} holds another sweep, {self._apart(strange[0], points)}: name another file.")
        found = found.loc[found["verdict"] != FAILED].reset_index(drop=True)
        order = {key: self._index[key] for key in self._keys(found)}
        found["run"] = [order[key] for key in found[self.fields].itertuples(index=False, name=None)]
        return found

    def _apart(self, key: tuple[Any, ...], points: Sequence[Point]) -> str:
        """How a run of the file, by the values of its fields, differs from all points of this sweep."""
        for i, name in enumerate(self.fields):
            asked = {point.fields[i] for point in points}
            if key[i] not in asked:
                only = f" in place of {next(iter(asked))}" if len(asked) == 1 else ""
                return f"with {name} = {key[i]}{only}"
        return "with other combinations of the same values"


def _check_file(file: Path) -> None:
    if file.suffix != ".parquet":
        raise ValueError(f"{file}: a sweep is kept as .parquet; its frame can write other formats.")
    if importlib.util.find_spec("pyarrow") is None:
        raise ValueError("A .parquet file needs pyarrow: pip install pyarrow.")
    check_writable(file)


def _read(file: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(file)
    except Exception:  # pyarrow raises many kinds for a file of another format
        raise ValueError(f"{file} is there already, and is no table of a sweep: name another file.") from None


def verdicts(frame: pd.DataFrame) -> Mapping[str, int]:
    """verdict -> the number of runs with it."""
    return frame.drop_duplicates("run")["verdict"].value_counts().to_dict()
