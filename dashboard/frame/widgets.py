"""Draws one control of a config as a Streamlit widget, whose value is in the session state under `key`."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from contextlib import nullcontext
from functools import lru_cache
from typing import Any

import streamlit as st

from demos.common.typeset import typeset
from demos.contract import Control

FEW_LETTERS = 30  # options whose labels have at most so many letters together are drawn side by side
FEW_OPTIONS = 8  # at most so many options are drawn side by side
LETTER = 0.037  # the width of a letter, in widths of a slider in the column of controls
FEW_STEPS = 500  # a whole number with more steps has an input box instead of a slider

# Preferred numbers (as the Renard and E series). Key: the most decades that a control spans for the digits of a decade.
SERIES = {
    1: (1, 1.2, 1.5, 1.8, 2, 2.5, 3, 4, 5, 6, 7, 8, 9),
    3: (1, 1.5, 2, 3, 4, 5, 7),
    99: (1, 2, 5),
}


Marks = Sequence[tuple[float, str]]
"""(value, name) of the named values on a slider."""


def draw(
    control: Control,
    key: str,
    value: Any,
    label: str | None = None,
    help: str | None = None,
    marks: Marks | None = None,
) -> None:
    """Draw the widget that suits the control. value: the present one; the options of a log scale always contain it.
    marks: None for a slider that never has any."""
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


def _number(control: Control, value: Any, common: dict[str, Any], marks: Marks | None) -> None:
    whole, low, high = control.kind == "whole", control.low, control.high
    if control.scale == "log":
        options = log_options(low, high, value, whole)
        with _place(marks):
            st.select_slider(options=options, format_func=short_number, **common)
            _marks([(along(mark, options), name) for mark, name in marks or () if low <= mark <= high])
        return
    bounded = math.isfinite(low) and math.isfinite(high)
    step = control.step or (1 if whole else linear_step(low, high) if bounded else 0.1)
    if bounded and (not whole or (high - low) / step <= FEW_STEPS):
        kind = int if whole else float
        with _place(marks):
            st.slider(
                min_value=kind(low), max_value=kind(high), step=kind(step),
                format=None if whole else f"%.{digits(step)}f", **common,
            )  # fmt: skip
            _marks([((mark - low) / (high - low), name) for mark, name in marks or () if low <= mark <= high])
        return
    limits = {"min_value": low, "max_value": high}
    finite = {name: int(limit) if whole else float(limit) for name, limit in limits.items() if math.isfinite(limit)}
    st.number_input(step=int(step) if whole else float(step), format=None if whole else "%g", **finite, **common)


def _place(marks: Marks | None) -> Any:
    """A container for a slider and its marks, so that no other element changes its place when marks come and go."""
    return nullcontext() if marks is None else st.container(gap=None)


def along(value: float, options: Sequence[float]) -> float:
    """The position of a value on a slider of these options, from 0 to 1; between two options by its logarithm."""
    after = bisect_left(options, value)
    if after == 0 or options[after] == value:
        return after / max(1, len(options) - 1)
    low, high = options[after - 1], options[after]
    return (after - 1 + math.log(value / low) / math.log(high / low)) / (len(options) - 1)


def _marks(places: list[tuple[float, str]]) -> None:
    if places:
        st.html(marks_html(places))


def marks_html(places: Sequence[tuple[float, str]]) -> str:
    """The HTML of the marks at `places`, (position from 0 to 1, name): a tick on the slider's track and the name below.

    Names stay within the slider's width; a name that would overlap the one before it is put one line lower.
    """
    spans, free = [], 0.0  # free: the position from which the first line is empty
    for part, name in sorted(places):
        wide = LETTER * len(name)
        left = part * (1 - wide)  # as in .gf-mark, which keeps a name within the width
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
        at_most(common["key"], control.most)
        st.multiselect(
            options=options, format_func=_named(labels), max_selections=control.most, select_all=False,
            placeholder=f"Up to {control.most}", **common,
        )  # fmt: skip


def at_most(key: str, most: int) -> None:
    """Drop all but the first `most` choices of the multiselect `key`; to be called before it is drawn.

    A browser sends no more, but a forged message may, and then Streamlit ends the page with a traceback in the log.
    """
    chosen = st.session_state.get(key)
    if isinstance(chosen, list | tuple) and len(chosen) > most:
        st.session_state[key] = list(chosen[:most])


def _named(labels: Any) -> Any:
    # Streamlit also asks for the label of a forged value, which has none.
    return lambda value: labels.get(value, str(value))


def log_options(low: float, high: float, value: float, whole: bool = False) -> list[float]:
    """Preferred numbers from low to high, in rising order, with both ends and the present value."""
    inside = _preferred(low, high, whole)
    chosen = sorted(inside | {low, high, value})
    return [int(number) for number in chosen] if whole else [float(number) for number in chosen]


@lru_cache(maxsize=256)
def _preferred(low: float, high: float, whole: bool) -> frozenset[float]:
    """The preferred numbers between low and high."""
    decades = math.log10(high / low)
    series = next(numbers for most, numbers in SERIES.items() if decades <= most)
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    # Parsed from text, so that each number is bit for bit the one that a person would type (2e-3 is 0.002).
    numbers = {float(f"{number}e{decade}") for decade in range(first, last + 1) for number in series}
    return frozenset(number for number in numbers if low < number < high and (not whole or number == int(number)))


def linear_step(low: float, high: float) -> float:
    """A round step that divides the range into 100 to 250 parts."""
    rough = (high - low) / 100
    decade = 10.0 ** math.floor(math.log10(rough))
    return float(f"{next(nice for nice in (5, 2, 1) if nice * decade <= rough * 1.0001) * decade:.3g}")


def digits(step: float) -> int:
    """The number of decimals that multiples of the step need."""
    return next((n for n in range(10) if math.isclose(round(step, n), step, rel_tol=1e-9)), 10)


def short_number(value: float) -> str:
    """The number in the shortest notation that still reads back as the same number."""
    if isinstance(value, int):
        return f"{value:,}"
    short = f"{value:g}"
    return short if float(short) == value else repr(value)
