"""What a run gave, for other programs: tables, the trajectory, settings and verdict as plain data."""

from __future__ import annotations

import dataclasses
import io
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from demos.contract import Check, Config, Demo, Result
from demos.picture import Picture


def tables_of(result: Result) -> dict[str, pd.DataFrame]:
    """The tables of a run that have rows, and "checks": its rows of the verdict. The frames are the run's own."""
    rows = pd.DataFrame([row_of(check) for check in result.checks])
    found = {name: table for name, table in result.tables.items() if len(table)}
    return {"checks": rows, **found} if len(rows) else found


def row_of(check: Check) -> dict[str, Any]:
    """A row of the verdict as plain values; what is not known or not finite is None."""
    fields = ("name", "measured", "truth", "predicted", "uncertainty", "allowed", "unit", "source", "about")
    values = {name: getattr(check, name) for name in fields}
    return {**{name: _plain(value) for name, value in values.items()}, "state": str(check.state)}


def settings_of(demo: Demo, config: Config) -> dict[str, Any]:
    """The demo's name and all fields of the config, defaults included."""
    return {"demo": demo.name, "config": {f.name: getattr(config, f.name) for f in dataclasses.fields(config)}}


def report(demo: Demo, config: Config, result: Result) -> dict[str, Any]:
    """Settings and verdict as JSON can hold them: `demo`, `config`, `headline`, `state`, `checks`, `notes`,
    `warnings`."""
    verdict = result.verdict
    return {
        **settings_of(demo, config),
        "headline": verdict.headline,
        "state": str(verdict.state),
        "checks": [row_of(check) for check in result.checks],
        "notes": list(result.notes),
        "warnings": list(result.warnings),
    }


def arrays_of(picture: Picture) -> dict[str, np.ndarray]:
    """The picture's numbers by name, at the precision of the run.

    "clock" (F,), its own quantity in each frame; "readout/LABEL" (F,); "PANEL/LAYER/FIELD" for each array of each
    layer, panels counted from 0: "0/particles/positions" is (F, N, 2).
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
    """`arrays_of` as the bytes of an NPZ file, with `report` as JSON text under "about"."""
    about = np.array(json.dumps(report(demo, config, result), ensure_ascii=False))
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, about=about, **arrays_of(result.picture))
    return file.getvalue()


def as_json(demo: Demo, config: Config, result: Result) -> bytes:
    """`report` as the bytes of a JSON file."""
    return (json.dumps(report(demo, config, result), indent=2, ensure_ascii=False) + "\n").encode()


def csv(table: pd.DataFrame) -> bytes:
    """A table as the bytes of a CSV file."""
    return table.to_csv(index=False).encode()


def parquet(table: pd.DataFrame) -> bytes:
    """A table as the bytes of a Parquet file. Raises ValueError where pyarrow is not installed."""
    try:
        return table.to_parquet(index=False, engine="pyarrow")
    except ImportError:
        raise ValueError("Parquet files need pyarrow: pip install pyarrow.") from None


def _free(name: str, taken: Mapping[str, Any]) -> str:
    """The name, with a number behind it where another layer has it."""
    return next(each for i in range(len(taken) + 1) if (each := name if not i else f"{name}.{i + 1}") not in taken)


def _plain(value: Any) -> Any:
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    return value
