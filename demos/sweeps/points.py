"""The configs of a sweep: every combination of the values of its varied fields."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from demos.contract import Config, Demo
from demos.contract.config import quoted

MOST = 100_000


@dataclass(frozen=True)
class Point:
    """One run. fields: the values in the table, one for each field. config: None if they do not go together; refused
    then says why."""

    fields: tuple[Any, ...]
    config: Config | None
    refused: str = ""


def points(
    demo: Demo, vary: Mapping[str, Collection[Any]], fixed: Mapping[str, Any], base: Config | None
) -> list[Point]:
    """The points of all combinations of values; the last varied field changes fastest.

    vary: field -> values. fixed: field -> value. base: a scene's config; None: the defaults. The other fields are
    adapted as in `Config.read`. A combination that is not allowed, although each value is, gives a point without a
    config.
    Raises ValueError, with one sentence, for a field that does not exist or is both varied and fixed, for a value that
    is not allowed, for the same value twice, for no values or no list of them, and for more than MOST runs.
    """
    controls = demo.config.controls()
    if not isinstance(vary, Mapping):
        raise ValueError(f"vary = {quoted(vary)} must be a dict of settings, each with a list of its values.")
    for name, values in vary.items():
        if isinstance(values, str) or not isinstance(values, Collection):
            raise ValueError(f"{name} is varied over {quoted(values)}, which is not a list of values.")
    check_count({name: len(values) for name, values in vary.items()})
    for name in (*vary, *fixed):
        if name not in controls:
            raise ValueError(f"{name} is not a setting of {demo.name}; its settings are: {', '.join(controls)}.")
        if name in vary and name in fixed:
            raise ValueError(f"{name} is varied, and fixed: choose one.")
    read = {name: [controls[name].read(name, value) for value in values] for name, values in vary.items()}
    for name, values in read.items():
        if len(set(values)) < len(values):
            raise ValueError(f"{name} takes the same value twice.")
    settled = {name: controls[name].read(name, value) for name, value in fixed.items()}
    return [
        _point(demo.config, settled | dict(zip(read, values, strict=True)), base) for values in product(*read.values())
    ]


def check_count(counts: Mapping[str, int]) -> None:
    """Raise ValueError if nothing is varied, or if there are more than MOST runs. counts: field -> number of values."""
    if not counts or not all(counts.values()):
        raise ValueError("A sweep varies at least one setting, each over at least one value.")
    runs = math.prod(counts.values())
    if runs > MOST:
        raise ValueError(f"These are {runs:,} runs; at most {MOST:,} are allowed.")


def _point(cls: type[Config], given: dict[str, Any], base: Config | None) -> Point:
    values = cls.complete(given, base)
    fields = tuple(stored(values[name]) for name in cls.controls())
    try:
        return Point(fields, cls(**values))
    except ValueError as problem:
        return Point(fields, None, str(problem))


def stored(value: Any) -> Any:
    """A field's value as stored in the table: a tuple of choices becomes one text, joined by commas."""
    return ",".join(value) if isinstance(value, tuple) else value
