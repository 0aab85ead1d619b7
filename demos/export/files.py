"""The results of a run for other programs: tables, arrays, and settings and verdict as plain data."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Container
from itertools import count
from typing import Any

import numpy as np
import pandas as pd

from demos.contract import Config, Demo, Result
from demos.contract.record import record_of, row_of
from demos.picture import Picture


def tables_of(result: Result) -> dict[str, pd.DataFrame]:
    """The nonempty tables of a run, and "checks" with the rows of its verdict. The frames are not copied."""
    rows = pd.DataFrame([row_of(check) for check in result.checks])
    found = {name: table for name, table in result.tables.items() if len(table)}
    return {"checks": rows, **found} if len(rows) else found


def arrays_of(picture: Picture) -> dict[str, np.ndarray]:
    """All arrays of a picture by name, in the precision of the run.

    "clock" (F,): the clock's value in each frame; "readout/LABEL" (F,); "PANEL/LAYER/FIELD" for each array of each
    layer, with panels counted from 0: "0/particles/positions" is (F, N, 2).
    """
    found = {"clock": np.asarray(picture.clock.values)}
    found |= {f"readout/{readout.label}": np.asarray(readout.values) for readout in picture.readouts}
    for i, panel in enumerate(picture.panels):
        for layer in panel.layers:
            for field in dataclasses.fields(layer):
                value = getattr(layer, field.name)
                if isinstance(value, np.ndarray) and value.dtype != object:
                    found[_free(f"{i}/{layer.name}/{field.name}", found)] = value
    return found


def npz(demo: Demo, config: Config, result: Result) -> bytes:
    """`arrays_of` as the bytes of an NPZ file, with `record_of` as JSON text under "about"."""
    about = np.array(json.dumps(record_of(demo, config, result), ensure_ascii=False))
    file = io.BytesIO()
    arrays: dict[str, Any] = {"about": about, **arrays_of(result.picture)}
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def as_json(demo: Demo, config: Config, result: Result) -> bytes:
    """`record_of` as the bytes of a JSON file."""
    return (json.dumps(record_of(demo, config, result), indent=2, ensure_ascii=False) + "\n").encode()


def csv(table: pd.DataFrame) -> bytes:
    """A table as the bytes of a CSV file."""
    return table.to_csv(index=False).encode()


def parquet(table: pd.DataFrame) -> bytes:
    """A table as the bytes of a Parquet file. Raises ValueError if pyarrow is not installed."""
    try:
        return table.to_parquet(index=False, engine="pyarrow")
    except ImportError:
        raise ValueError("Parquet files need pyarrow: pip install pyarrow.") from None


def _free(name: str, taken: Container[str]) -> str:
    """The name, with a number appended if it is taken."""
    return next(each for i in count(1) if (each := name if i == 1 else f"{name}.{i}") not in taken)
