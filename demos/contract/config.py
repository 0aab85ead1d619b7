"""Config: all settings of a demo, each with its label, unit, help and limits.

The widgets of the page, the parameters of its address and the flags of the command line are made from these fields.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Self, cast
from urllib.parse import urlencode

KINDS = ("number", "whole", "choice", "several", "text", "flag")


@dataclass(frozen=True)
class Control:
    """The description of one field of a config: label, help, bounds, and how the page shows it.

    Raises ValueError for a kind or a scale that does not exist, bounds in the wrong order, or a logarithmic scale that
    does not begin above 0.
    """

    kind: str  # one of KINDS
    label: str
    unit: str = ""
    help: str = ""
    low: float = -math.inf
    high: float = math.inf
    step: float | None = None
    scale: str = "linear"  # or "log"
    options: Mapping[str, str] = field(default_factory=dict)  # value -> label
    most: int = 3  # "several": the most choices at once; "text": the most characters
    group: str = "more"  # "main": beside the picture; any other name: the collapsed group of that name

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind = {quoted(self.kind)} of {self.label!r} is not one of: {', '.join(KINDS)}.")
        if self.scale not in ("linear", "log"):
            raise ValueError(f"scale = {quoted(self.scale)} of {self.label!r} is not one of: linear, log.")
        if not self.low <= self.high or (self.scale == "log" and not self.low > 0):
            least = " and begin above 0" if self.scale == "log" else ""
            raise ValueError(f"The bounds of {self.label!r}, {self.low:g} to {self.high:g}, must rise{least}.")

    def read(self, name: str, value: Any) -> Any:
        """The value, converted to this field's type. Raises ValueError: what is wrong, what is allowed."""
        match self.kind:
            case "number" | "whole":
                return self._number(name, value)
            case "choice":
                if not isinstance(value, str) or value not in self.options:
                    raise ValueError(f"{name} = {quoted(value)} is not one of: {', '.join(self.options)}.")
                return value
            case "several":
                return self._several(name, value)
            case "flag":
                if isinstance(value, str) and value.lower() in ("true", "false", "1", "0"):
                    return value.lower() in ("true", "1")
                if not isinstance(value, bool):
                    raise ValueError(f"{name} = {quoted(value)} is not true or false.")
                return value
            case "text":
                if not isinstance(value, str):
                    raise ValueError(f"{name} = {quoted(value)} is not a text.")
                if len(value) > self.most:
                    raise ValueError(f"{name} is longer than {self.most} characters.")
                return value
        raise AssertionError(self.kind)

    def _number(self, name: str, value: Any) -> float | int:
        style = ",.0f" if self.kind == "whole" else ",g"  # 2,147,483,647, not 2.14748e+09
        allowed = f"{self.low:{style}} to {self.high:{style}}{' ' + self.unit if self.unit else ''}"
        try:
            if isinstance(value, bool):
                raise TypeError
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            raise ValueError(f"{name} = {quoted(value)} is not a number; allowed is {allowed}.") from None
        if not self.low <= number <= self.high:  # also false for nan
            raise ValueError(f"{name} = {quoted(value)} is out of range; allowed is {allowed}.")
        if self.kind == "number":
            return number
        if number != int(number):
            raise ValueError(f"{name} = {quoted(value)} is not a whole number; allowed is {allowed}.")
        return int(number)

    def _several(self, name: str, value: Any) -> tuple[str, ...]:
        if not isinstance(value, str | list | tuple):
            raise ValueError(f"{name} = {quoted(value)} is not a list of: {', '.join(self.options)}.")
        values = tuple(part for part in value.split(",") if part) if isinstance(value, str) else tuple(value)
        for part in values:
            if not isinstance(part, str) or part not in self.options:
                raise ValueError(f"{name}: {quoted(part)} is not one of: {', '.join(self.options)}.")
        if len(set(values)) != len(values) or len(values) > self.most:
            raise ValueError(f"{name} takes at most {self.most} different choices.")
        return values


def quoted(value: Any) -> str:
    """A value given by the user, shortened to 40 characters for an error message."""
    text = str(value)
    return repr(text if len(text) <= 40 else text[:37] + "...") if isinstance(value, str) else text[:40]


def _control(default: Any, control: Control) -> Any:
    return field(default=default, metadata={"control": control})


# Fields of a config; `rest`: other attributes of `Control` by name.


def number(default: float, label: str, *, low: float, high: float, **rest: Any) -> Any:
    return _control(default, Control("number", label, low=low, high=high, **rest))


def whole(default: int, label: str, *, low: int, high: int, **rest: Any) -> Any:
    return _control(default, Control("whole", label, low=low, high=high, **rest))


def choice(default: str, label: str, options: Mapping[str, str], **rest: Any) -> Any:
    return _control(default, Control("choice", label, options=options, **rest))


def several(default: tuple[str, ...], label: str, options: Mapping[str, str], most: int = 3, **rest: Any) -> Any:
    return _control(default, Control("several", label, options=options, most=most, **rest))


def text(default: str, label: str, most: int, **rest: Any) -> Any:
    return _control(default, Control("text", label, most=most, **rest))


def flag(default: bool, label: str, **rest: Any) -> Any:
    return _control(default, Control("flag", label, **rest))


@dataclass(frozen=True)
class Config:
    """Base of every demo's config: frozen, validated, bounded.

    Subclasses are frozen dataclasses whose fields are made by `number`, `whole`, `choice`, `several`, `text` and
    `flag`. They may override `check` for rules that involve several fields (cost limits, for example).
    The constructor raises ValueError, with one sentence, for a value that is not allowed.
    """

    def __post_init__(self) -> None:
        for name, control in self.controls().items():
            object.__setattr__(self, name, control.read(name, getattr(self, name)))
        self.check()

    def check(self) -> None:
        """Raise ValueError, with one sentence, for a combination that is not allowed although each value is."""

    @classmethod
    def adapt(cls, before: Self, values: dict[str, Any]) -> dict[str, Any]:
        """The values of all fields after a person changed some of them, with the fields that depend on these adapted.

        before: the config before the change. values: all fields, the changed ones included. The docstring of an
        override is shown to the visitor: it says which field is adapted to which.
        """
        return values

    @classmethod
    def controls(cls) -> dict[str, Control]:
        """The description of each field. Raises ValueError for a field that none of the functions above made."""
        for f in dataclasses.fields(cls):
            if "control" not in f.metadata:
                raise ValueError(f"{cls.__name__}.{f.name} must be made by one of: {', '.join(KINDS)}.")
        return {f.name: f.metadata["control"] for f in dataclasses.fields(cls)}

    @classmethod
    def complete(cls, given: Mapping[str, Any], base: Self | None = None) -> dict[str, Any]:
        """The values of all fields, as if a person had set the given ones one after the other, starting from `base`.

        base: a config; None: the defaults. Fields that are not given are adapted by `adapt`.
        """
        values = cls._values(base)
        for _, completed in cls.completing(given, base):
            values = completed
        return {**values, **given}

    @classmethod
    def completing(cls, given: Mapping[str, Any], base: Self | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
        """Set the given fields one by one, in the order of the fields; yield each name and all values after `adapt`."""
        values = cls._values(base)
        for name in values:
            if name in given:
                values = cls.adapt(cast(Any, SimpleNamespace(**values)), values | {name: given[name]})
                yield name, values

    @classmethod
    def _values(cls, base: Self | None) -> dict[str, Any]:
        return {f.name: f.default if base is None else getattr(base, f.name) for f in dataclasses.fields(cls)}

    @classmethod
    def read(cls, values: Mapping[str, Any], base: Self | None = None) -> tuple[Self, tuple[str, ...]]:
        """A config from untrusted values (an address, a form), and one sentence for each value that was refused.

        Fields that are missing or refused are as in `base` (None: the defaults), adapted to the others by `adapt`.
        Names that are no field are refused. If each value is allowed but their combination is not, `base` is returned.
        """
        controls, good, refused = cls.controls(), {}, []
        for name, value in values.items():
            if name not in controls:
                refused.append(f"{quoted(str(name))} is not a setting of this page.")
                continue
            try:
                good[name] = controls[name].read(name, value)
            except ValueError as problem:
                refused.append(str(problem))
        try:
            return cls(**cls.complete(good, base)), tuple(refused)
        except ValueError as problem:
            return base or cls(), (*refused, str(problem))

    def replace(self, **changes: Any) -> Self:
        return dataclasses.replace(self, **changes)

    def changed(self) -> dict[str, Any]:
        """The fields that differ from their defaults, in the order of the fields."""
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if getattr(self, f.name) != f.default}

    def address(self) -> dict[str, Any]:
        """The fields from which `read` makes this config again, without those that `adapt` derives from the others."""
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        given: dict[str, Any] = {}
        while (completed := self.complete(given)) != values:
            name = next(name for name in values if completed[name] != values[name])
            given = {n: values[n] for n in values if n in given or n == name}
        return given

    def unused(self) -> frozenset[str]:
        """The fields that have no effect in this config: the page hides them, and they keep their values."""
        return frozenset()

    def marks(self) -> Mapping[str, Sequence[tuple[float, str]]]:
        """Marks on the sliders of this config's fields: field -> (value, name) pairs, such as (0.25, "2/L")."""
        return {}

    def query(self) -> str:
        """`address` as the query string of a link."""
        return query_of(self.address())


def query_of(address: Mapping[str, Any]) -> str:
    """The query string of a link with these parameters; a tuple is joined by commas."""
    return urlencode({name: ",".join(v) if isinstance(v, tuple) else v for name, v in address.items()})
