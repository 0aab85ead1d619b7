"""The parts of charts: Vega-Lite specifications as plain dictionaries, in the page's theme, with text of 14 pixels.

Why not Altair: its objects are copied deeply and validated against a schema at every step, which took two thirds of
the server's processor time of an interaction. The dictionaries here cost microseconds; a test validates every kind of
chart against Altair's schema instead. Every call makes a new dictionary, so that the threads of several visitors
share nothing that Streamlit changes (streamlit#8409). Data sets have the same name in every run, so that the browser
puts new data into the existing chart (streamlit#11906: names derived from the data get out of step with the chart).

Colours are indices into the theme's categorical map (`demos.picture.colors`), so that a method keeps its colour on
every chart, in light and in dark.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import streamlit as st

from dashboard.frame.numbers import log_ticks, power_of_ten
from demos.picture.colors import CATEGORIES

Spec = dict[str, Any]
Columns = dict[str, np.ndarray]
"""A tidy table as NumPy arrays of equal length: pandas takes a millisecond for what NumPy does in microseconds."""

SIZE = 14  # px
HEIGHT = 300  # px
INK = "currentColor"  # the page's text colour, in either theme
LONG = 60  # letters: a legend with a longer entry has one column
ROW = 22  # px: the height of a legend's line
NARROW = 420  # px: a legend has one column where the plot is narrower
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"


@dataclass(frozen=True)
class Drawing:
    """A Vega-Lite specification without data, and the tables by the names that it gives them."""

    spec: Spec
    data: Mapping[str, Columns]

    def __add__(self, other: Drawing) -> Drawing:
        """Both drawings in one plot, the other one on top."""
        layers = [layer for each in (self, other) for layer in each.spec.get("layer", [each.spec])]
        return Drawing({"layer": layers}, {**self.data, **other.data})

    def with_(self, **properties: Any) -> Drawing:
        """With these top-level properties: width, height."""
        return Drawing({**self.spec, **properties}, self.data)


Table = pd.DataFrame | Columns


def columns_of(table: Table, *names: str) -> Columns:
    """These columns of a table, or all of them."""
    return {name: np.asarray(table[name]) for name in dict.fromkeys(names or table)}


def rows(columns: Columns, chosen: np.ndarray) -> Columns:
    """Some of the rows: by a mask, or by their places in a new order."""
    return {name: values[chosen] for name, values in columns.items()}


def layer(name: str, columns: Columns, mark: str | Spec, **encoding: Any) -> Drawing:
    """A drawing of one mark for each row of a table. name: the name of the table, unique in its chart."""
    return Drawing({"data": {"name": name}, "mark": mark, "encoding": encoding}, {name: columns})


def quantity(field: str, title: str | None = None, **rest: Any) -> Spec:
    """A Vega-Lite channel for a numeric field."""
    return {"field": field, "type": "quantitative", **({} if title is None else {"title": title}), **rest}


def tooltip(*fields: str, digits: str = ".4~g") -> list[Spec]:
    """The channels of a tooltip that shows the series and these numeric fields."""
    return [{"field": "series", "type": "nominal"}, *(quantity(field, format=digits) for field in fields)]


def axis_of(values: np.ndarray, log: bool, factor: float = 1.0) -> Spec:
    """The scale and the axis for these values. A logarithmic axis reaches further by `factor` on both sides; its ticks
    are those of `log_ticks`."""
    if not log:
        return {"scale": {"zero": False}, "axis": {"tickCount": 6}}
    values = values[np.isfinite(values) & (values > 0)]
    if not len(values):
        return {"scale": {"type": "log"}, "axis": {"tickCount": 5}}
    low, high = float(values.min()) / factor, float(values.max()) * factor
    ticks = log_ticks(low, high)
    words = ", ".join(f"'{power_of_ten(tick)}'" for tick in ticks)
    labels = f"[{words}][indexof([{', '.join(map(repr, ticks))}], datum.value)]"
    return {
        "scale": {"type": "log", "nice": False, "domain": [low, high]},
        "axis": {"values": ticks, "labelExpr": labels},
    }


def colors(series: Mapping[str, int], title: str | None = None) -> Spec:
    """The colour channel of the column "series". series: name -> index in the categorical map."""
    return _series(series, {"domain": _domain(series)}, _legend(series, title))


def dots(series: Mapping[str, int]) -> Spec:
    """`colors` for points: the legend shows dots, and there is a legend even for one series."""
    legend = {"values": list(series), "title": None, "orient": "top", "symbolType": "circle", "symbolStrokeWidth": 0}
    return _series(series, {"domain": _domain(series)}, legend)


def dashes(series: Mapping[str, int], dashed: Sequence[str]) -> Spec:
    """The dash channel that goes with `colors`: the series `dashed` are dashed, on the chart and in the legend."""
    domain = _domain(series)
    return _series(
        series, {"domain": domain, "range": [[6, 4] if name in dashed else [1, 0] for name in domain]}, _legend(series)
    )


def _series(series: Mapping[str, int], scale: Spec, legend: Spec | None) -> Spec:
    return {"field": "series", "type": "nominal", "scale": scale, "legend": legend}


def _domain(series: Mapping[str, int]) -> list[str]:
    """The names of the series, each at the position of its colour index; invisible names fill the positions between.

    They are needed because Vega-Lite assigns the colours of the map to the names of a domain in order.
    """
    places: dict[int, str] = {}
    for name, index in series.items():
        while index in places:
            index += CATEGORIES  # the map repeats: the same colour again
        places[index] = name
    return [places.get(i, "\u200b" * (i + 1)) for i in range(max(places, default=0) + 1)]


def _legend(series: Mapping[str, int], title: str | None = None) -> Spec | None:
    if len(series) < 2:
        return None
    return {
        "values": list(series),
        "title": title,
        "symbolType": "stroke",
        "symbolSize": 400,
        "orient": "top",
        "columns": {"expr": f"width < {NARROW} ? 1 : {_columns(series)}"},
        "labelLimit": 420,
    }


def _columns(series: Mapping[str, int]) -> int:
    return 1 if max(map(len, series)) > LONG else 2


def height_with(series: Mapping[str, int], height: int = HEIGHT) -> int:
    """The height of a chart including its legend, so that the plot itself keeps `height`."""
    return height + (ROW * math.ceil(len(series) / _columns(series)) if len(series) > 1 else 0)


def specification(drawing: Drawing, height: int = HEIGHT) -> Spec:
    """The chart's specification without data, in the page's theme: a new dictionary, which the caller may change."""
    text = {"labelFontSize": SIZE, "titleFontSize": SIZE, "labelColor": INK, "titleColor": INK, "titlePadding": 8}
    rules = {"gridColor": INK, "gridOpacity": 0.1, "tickColor": INK, "tickOpacity": 0.4, "domainColor": INK}
    lines = {**rules, "domain": True, "domainOpacity": 0.4, "ticks": True, "tickSize": 4, "labelPadding": 5}
    legend = {"labelLimit": 0, "offset": 8, "padding": 0, "symbolOpacity": 1, "symbolStrokeWidth": 3}
    sized = {} if "facet" in drawing.spec else {"height": height}  # the parts of facets have their own
    return {
        "$schema": SCHEMA,
        "background": "transparent",
        "config": {"axis": {**text, **lines}, "legend": {**text, **legend}, "view": {"strokeWidth": 0}},
        **sized,
        **drawing.spec,
    }


def arrow_of(columns: Columns) -> pa.Table:
    """The table for the browser. Numbers that are not finite become nulls: an infinite one would stretch an axis to
    infinity, and nothing would be seen."""

    def column(values: np.ndarray) -> pa.Array:
        return pa.array(values, mask=~np.isfinite(values) if values.dtype.kind == "f" else None, from_pandas=True)

    return pa.table({name: column(values) for name, values in columns.items()})


def draw(
    drawing: Drawing,
    alternative: str,
    title: str = "",
    height: int = HEIGHT,
    key: str | None = None,
    width: Literal["stretch", "content"] = "stretch",
) -> None:
    """Draw a chart here. width: "content" for the chart's own, "stretch" for that of its container. alternative: a
    sentence for screen readers that describes the chart."""
    spec = {**specification(drawing, height), "datasets": {name: arrow_of(data) for name, data in drawing.data.items()}}
    if title:
        st.markdown(f"**{title}**")
    st.vega_lite_chart(spec, width=width, theme="streamlit", alt=alternative, key=key)
