"""Writes runs as JSON files and reads them. Nothing in a file is executed, and a wrong file gives a clear error.

The format is strict JSON: numbers that are not finite are written as "nan", "inf" and "-inf"; numbers have six digits.
"""

from __future__ import annotations

import json
import math
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from demos.networks.monitor.measures import OCTAVES
from demos.networks.monitor.run import LayerInfo, Optimizer, Run
from demos.networks.monitor.step import SERIES

FORMAT, VERSION = "gradient-flow-run", 1
LARGEST = 50_000_000  # largest file in bytes
MOST_LAYERS, MOST_ROWS, MOST_LOSSES = 10_000, 10_000, 100_000
WORDS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
PLACES = ("input", "weight", "activation", "gradient", "loss", "update")


class RunFileError(ValueError):
    """A file that is not a run; the message is shown to the person who chose it."""


def save_run(run: Run, path: Any) -> None:
    """Write a run to a file. OSError if that fails."""
    Path(path).write_text(dump_run(run), encoding="utf-8")


def dump_run(run: Run) -> str:
    """A run as JSON text."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        "model": run.model,
        "every": run.every,
        "batch_size": run.batch_size,
        "total_steps": run.total_steps,
        "optimizers": [{"name": each.name, "settings": _plain(each.settings)} for each in run.optimizers],
        "layers": [asdict(each) for each in run.layers],
        "steps": list(run.steps),
        "which": list(run.which),
        "series": {name: _plain(run.series[name].tolist()) for name in SERIES},
        "noise": _plain(run.noise.tolist()),
        "losses": _plain([[step, value] for step, value in run.losses]),
        "histograms": [
            {str(k): [first, counts.tolist()] for k, (first, counts) in row.items()} for row in run.histograms
        ],
        "nonfinite": run.nonfinite,
        "predicted": _plain(run.predicted),
        "notes": list(run.notes),
    }
    return json.dumps(document, allow_nan=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    """The value with floats rounded to six digits, and those that are not finite as text."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else str(value)
    return value


def load_run(path: Any) -> Run:
    """Read a file written by `save_run`. RunFileError if it is too large or not a run, OSError if it cannot be read."""
    path = Path(path)
    size = os.stat(path).st_size
    if size > LARGEST:
        raise RunFileError(_too_large(size))
    return parse_run(path.read_bytes())


def _too_large(size: int) -> str:
    return f"the file has {size / 1e6:.0f} MB; a run has at most {LARGEST / 1e6:.0f} MB."


def parse_run(data: bytes) -> Run:
    """A run from the bytes of a file, such as an upload. RunFileError if they are not a run."""
    if len(data) > LARGEST:
        raise RunFileError(_too_large(len(data)))
    try:
        document = json.loads(data.decode("utf-8"), parse_constant=_refuse)
    except RunFileError:
        raise
    except (ValueError, RecursionError):  # no UTF-8, no JSON, or an integer of thousands of digits
        raise RunFileError("the file is not JSON: it is not a run that the monitor saved, or it was cut off.") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise RunFileError("the file is JSON and not a run: GradientFlowMonitor.save writes one.")
    if document.get("version") != VERSION:
        raise RunFileError(
            f"the run is of format version {document.get('version')!r:.20}; this program reads {VERSION}."
        )
    try:
        return _run(document)
    except RunFileError:
        raise
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError, IndexError):
        raise RunFileError(
            "the run is damaged: a part of it is missing or of another kind than it should be."
        ) from None


def _refuse(word: str) -> float:
    raise RunFileError(f"the file holds {word}, which JSON does not know: save() writes it as a word in quotes.")


def _run(document: dict[str, Any]) -> Run:
    layers = [_layer(each) for each in _list(document["layers"], MOST_LAYERS, "layers")]
    if not layers:
        raise RunFileError("the run has no layers.")
    steps = [_whole(step) for step in _list(document["steps"], MOST_ROWS, "steps")]
    shape = (len(steps), len(layers))
    series = {name: _array(document["series"][name], shape, name) for name in SERIES}
    optimizers = [_optimizer(each) for each in _list(document["optimizers"], 100, "optimizers")]
    which = [_whole(index) for index in _list(document["which"], MOST_ROWS, "which")]
    if len(which) != len(steps) or any(index >= max(1, len(optimizers)) for index in which):
        raise RunFileError("the run is damaged: its steps name optimizers that it does not have.")
    losses = [(_whole(step), _float(value)) for step, value in _list(document["losses"], MOST_LOSSES, "losses")]
    histograms = [_histograms(row, len(layers)) for row in _list(document["histograms"], MOST_ROWS, "histograms")]
    return Run(
        model=_text(document["model"]),
        every=max(1, _whole(document["every"])),
        batch_size=None if document["batch_size"] is None else _whole(document["batch_size"]),
        optimizers=optimizers,
        layers=layers,
        steps=steps,
        which=which,
        series=series,
        noise=_array(document["noise"], (len(steps), 2), "noise"),
        losses=losses,
        histograms=histograms,
        nonfinite=_nonfinite(document["nonfinite"]),
        predicted=_predicted(document["predicted"]),
        notes=[_text(note) for note in _list(document["notes"], 100, "notes")],
        total_steps=_whole(document["total_steps"]),
    )


def _list(value: Any, most: int, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(what)
    if len(value) > most:
        raise RunFileError(f"the run has {len(value):,} {what}; at most {most:,} are read.")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value[:200]


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        raise TypeError
    return value


def _float(value: Any) -> float:
    if isinstance(value, str):
        return WORDS[value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    return float(value)


def _array(value: Any, shape: tuple[int, int], what: str) -> np.ndarray:
    rows = [[_float(number) for number in row] for row in _list(value, MOST_ROWS, what)]
    array = np.array(rows, dtype=float).reshape(len(rows), -1) if rows else np.zeros((0, shape[1]))
    if array.shape != shape:
        raise RunFileError(
            f"the run is damaged: {what} has the shape {array.shape}, its steps and layers ask for {shape}."
        )
    return array


def _layer(value: dict[str, Any]) -> LayerInfo:
    return LayerInfo(
        name=_text(value["name"]),
        kind=_text(value["kind"]),
        size=_whole(value["size"]),
        matrix=bool(value["matrix"]),
        trainable=bool(value["trainable"]),
        optimizer=None if value["optimizer"] is None else _whole(value["optimizer"]),
        tied=_text(value["tied"]),
        activation=_text(value["activation"]),
        greatest=_float(value["greatest"]),
    )


def _optimizer(value: dict[str, Any]) -> Optimizer:
    return Optimizer(_text(value["name"]), {_text(k): _float(v) for k, v in value["settings"].items()})


def _histograms(row: dict[str, Any], layers: int) -> dict[int, tuple[int, np.ndarray]]:
    found = {}
    for key, (first, counts) in row.items():
        index, first, counts = int(key), _whole(first), [_whole(count) for count in counts]
        if not (0 <= index < layers and first + len(counts) <= OCTAVES):
            raise IndexError
        found[index] = (first, np.array(counts, dtype=np.int64))
    return found


def _nonfinite(value: Any) -> dict[str, Any] | None:
    if value is None:
        return None
    if value["where"] not in PLACES:
        raise ValueError
    return {"layer": _text(value["layer"]), "step": _whole(value["step"]), "where": value["where"]}


def _predicted(value: Any) -> dict[str, Any] | None:
    if value is None:
        return None
    names = [_text(name) for name in _list(value["names"], MOST_LAYERS, "predicted layers")]
    found = {
        "names": names,
        "gradient": [_float(number) for number in value["gradient"]],
        "spread": [_float(number) for number in value["spread"]],
        "valid": bool(value["valid"]),
        "caveat": _text(value["caveat"]),
    }
    if not len(names) == len(found["gradient"]) == len(found["spread"]):
        raise ValueError
    return found
