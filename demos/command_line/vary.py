"""Parses the values of `--vary`: `step=0.001:0.1:20:log`, `seed=0:32`, `method=euler,mala`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any

import numpy as np

from demos.command_line.suggestions import like
from demos.contract import Control, Demo
from demos.contract.config import quoted
from demos.sweeps.points import check_count

HELP = (
    "a setting and its values; every combination with the others is run. FIELD=LOW:HIGH:COUNT is COUNT values from LOW "
    "to HIGH, both included, evenly or with :log by equal factors; FIELD=0:32 is 0 … 31, for whole numbers; "
    "FIELD=A,B,C is these"
)


def varied(demo: Demo, texts: Iterable[str]) -> dict[str, Collection[Any]]:
    """field -> its values. Raises ValueError, with one sentence; for too many values before a list of them is made."""
    found: dict[str, Collection[Any]] = {}
    controls = demo.config.controls()
    for text in texts:
        name, equals, values = text.partition("=")
        name = name.strip().lstrip("-").replace("-", "_")
        if not equals or not values.strip():
            raise ValueError(f"--vary {quoted(text)} names no values: write it as step=0.001:0.1:20:log or seed=0:32.")
        if name not in controls:
            raise ValueError(f"{quoted(name)} is not a setting of {demo.name}.{like(name, controls)}")
        if name in found:
            raise ValueError(f"{name} is varied twice.")
        found[name] = _values(name, controls[name], values.strip())
    check_count({name: len(values) for name, values in found.items()})
    return found


def _values(name: str, control: Control, text: str) -> Collection[Any]:
    if control.kind in ("text", "several"):
        raise ValueError(f"{name} is {'text' if control.kind == 'text' else 'a list'}, which --vary cannot vary.")
    if control.kind not in ("number", "whole") or ":" not in text:
        parts = [part.strip() for part in text.split(",")]
        return [control.read(name, part) for part in parts]
    return _range(name, control, text)


def _range(name: str, control: Control, text: str) -> Collection[Any]:
    ends, rest = text.split(":")[:2], text.split(":")[2:]
    low, high = (_number(name, end) for end in ends)
    if low > high:
        raise ValueError(f"{name} = {quoted(text)}: the low end comes first.")
    if not rest:
        return _whole_range(name, control, low, high)
    if len(rest) > 2 or rest[1:] not in ([], ["log"]):
        raise ValueError(f"{name} = {quoted(text)} is not LOW:HIGH:COUNT or LOW:HIGH:COUNT:log.")
    if not re.fullmatch(r"[0-9]{1,12}", rest[0]) or int(rest[0]) < 2:
        raise ValueError(f"{name} = {quoted(text)}: {quoted(rest[0])} is not a count of 2 or more.")
    for end in (low, high):
        control.read(name, int(end) if control.kind == "whole" and end == int(end) else end)
    count = int(rest[0])
    check_count({name: count})
    if rest[1:] and low <= 0:
        raise ValueError(f"{name} = {quoted(text)}: equal factors need a low end above 0.")
    values = (np.geomspace if rest[1:] else np.linspace)(low, high, count)
    values[0], values[-1] = low, high  # exact, without rounding
    if control.kind == "whole":
        return sorted({round(value) for value in values.tolist()})
    return [control.read(name, value) for value in values.tolist()]


def _whole_range(name: str, control: Control, low: float, high: float) -> range:
    """The whole numbers from low to high − 1, like Python's range. Raises ValueError for another kind of field."""
    if control.kind != "whole" or low != int(low) or high != int(high):
        raise ValueError(
            f"{name} = {low:g}:{high:g} does not say how many values: {name}={low:g}:{high:g}:20 is 20 of them."
        )
    if low == high:
        raise ValueError(f"{name} = {low:g}:{high:g} holds no value: 0:32 is 0 … 31.")
    control.read(name, int(low))
    control.read(name, int(high) - 1)
    found = range(int(low), int(high))
    check_count({name: len(found)})
    return found


def _number(name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not abs(number) < float("inf"):
        raise ValueError(f"{name}: {quoted(text)} is not a number.")
    return number
