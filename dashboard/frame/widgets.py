"""One control of a config as one Streamlit widget. Its value is the one in the session state, under `key`."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

import streamlit as st

from demos.common.typeset import typeset
from demos.contract import Control

FEW_LETTERS = 30  # labels that together are shorter stand side by side
FEW_OPTIONS = 8
LETTER = 0.037  # of a slider's width in the column of controls
FEW_STEPS = 500  # of a whole number on a slider

# Preferred numbers (Renard, E-series): how many a decade, by how many decades the control spans.
SERIES = {
    1: (1, 1.2, 1.5, 1.8, 2, 2.5, 3, 4, 5, 6, 7, 8, 9),
    3: (1, 1.5, 2, 3, 4, 5, 7),
    99: (1, 2, 5),
}


Marks = Sequence[tuple[float, str]]
"""Values on a slider that have a name."""


def draw(
    control: Control, key: str, value: Any, label: str | None = None, help: str | None = None, marks: Marks = ()
) -> None:
    """The widget that suits the control. `value` is the present one: a log scale always holds it, however odd."""
    label = label or control.label
    if control.unit and f"({control.unit})" not in label:
        label = f"{label} ({control.unit})"
    common: dict[str, Any] = {"label": label, "key": key, "help": (help if help is not None else control.help) or None}
    match control.kind:
        case "number" | "whole":
            _number(control, value, common, marks)
        case "choice":
            _choice(control, common)
        case "several":
            _several(control, common)
        case "flag":
            st.toggle(**common)
        case "text":
            st.text_input(max_chars=control.most, **common)
        case _:
            raise AssertionError(f"unknown kind of control: {control.kind}")


def _number(control: Control, value: Any, common: dict[str, Any], marks: Marks) -> None:
    whole, low, high = control.kind == "whole", control.low, control.high
    if control.scale == "log":
        options = log_options(low, high, value, whole)
        with st.container(gap=None):  # so that marks that come and go move nothing else
            st.select_slider(options=options, format_func=short_number, **common)
            _marks([(along(mark, options), name) for mark, name in marks if low <= mark <= high])
        return
    bounded = math.isfinite(low) and math.isfinite(high)
    step = control.step or (1 if whole else linear_step(low, high) if bounded else 0.1)
    if bounded and (not whole or (high - low) / step <= FEW_STEPS):
        kind = int if whole else float
        with st.container(gap=None):
            st.slider(
                min_value=kind(low), max_value=kind(high), step=kind(step),
                format=None if whole else f"%.{digits(step)}f", **common,
            )  # fmt: skip
            _marks([((mark - low) / (high - low), name) for mark, name in marks if low <= mark <= high])
        return
    limits = {"min_value": low, "max_value": high}
    finite = {name: int(limit) if whole else float(limit) for name, limit in limits.items() if math.isfinite(limit)}
    st.number_input(step=int(step) if whole else float(step), format=None if whole else "%g", **finite, **common)


def along(value: float, options: Sequence[float]) -> float:
    """Where a value stands on a slider of these options, from 0 to 1: between two of them by its logarithm."""
    after = bisect_left(options, value)
    if after == 0 or options[after] == value:
        return after / max(1, len(options) - 1)
    low, high = options[after - 1], options[after]
    return (after - 1 + math.log(value / low) / math.log(high / low)) / (len(options) - 1)


def _marks(places: list[tuple[float, str]]) -> None:
    if places:
        st.html(marks_html(places))


def marks_html(places: Sequence[tuple[float, str]]) -> str:
    """A tick on the slider's track for each mark, and its name below, within the slider's width; a line lower where it
    would stand on the name before it."""
    spans, free = [], 0.0  # where the first line is free again, in parts of the width
    for part, name in sorted(places):
        wide = LETTER * len(name)
        left = part * (1 - wide)  # see .gf-mark: a name stands within the width
        low = ' class="gf-low"' if left < free else ""
        free = free if low else left + wide + LETTER
        spans.append(f'<span class="gf-mark" style="--at: {part:.4f}"><b></b><i{low}>{typeset(name)}</i></span>')
    return f'<div class="gf-marks">{"".join(spans)}</div>'


def _choice(control: Control, common: dict[str, Any]) -> None:
    options, labels = list(control.options), control.options
    if len(options) <= FEW_OPTIONS and sum(map(len, labels.values())) <= FEW_LETTERS:
        st.segmented_control(options=options, format_func=_named(labels), required=True, **common)
    else:
        st.selectbox(options=options, format_func=_named(labels), **common)


def _several(control: Control, common: dict[str, Any]) -> None:
    options, labels = list(control.options), control.options
    if len(options) <= control.most or sum(map(len, labels.values())) <= FEW_LETTERS:
        st.pills(options=options, format_func=_named(labels), selection_mode="multi", **common)
    else:
        st.multiselect(
            options=options, format_func=_named(labels), max_selections=control.most, select_all=False,
            placeholder=f"Up to {control.most}", **common,
        )  # fmt: skip


def _named(labels: Any) -> Any:
    # Streamlit also asks for the label of a value that a forged message put there.
    return lambda value: labels.get(value, str(value))


def log_options(low: float, high: float, value: float, whole: bool = False) -> list[float]:
    """Preferred numbers from low to high, both ends and the present value among them, rising."""
    decades = math.log10(high / low)
    series = next(numbers for most, numbers in SERIES.items() if decades <= most)
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    # By text, so that 2e-3 is the 0.002 that a person would type, to the last bit.
    numbers = {float(f"{number}e{decade}") for decade in range(first, last + 1) for number in series}
    inside = {number for number in numbers if low < number < high and (not whole or number == int(number))}
    chosen = sorted(inside | {low, high, value})
    return [int(number) for number in chosen] if whole else [float(number) for number in chosen]


def linear_step(low: float, high: float) -> float:
    """A round step that makes one or two hundred of the range."""
    rough = (high - low) / 100
    decade = 10.0 ** math.floor(math.log10(rough))
    return float(f"{next(nice for nice in (5, 2, 1) if nice * decade <= rough * 1.0001) * decade:.3g}")


def digits(step: float) -> int:
    """How many decimals show a multiple of the step."""
    return next((n for n in range(10) if math.isclose(round(step, n), step, rel_tol=1e-9)), 10)


def short_number(value: float) -> str:
    """A number as short as it can be without becoming another one."""
    if isinstance(value, int):
        return f"{value:,}"
    short = f"{value:g}"
    return short if float(short) == value else repr(value)
