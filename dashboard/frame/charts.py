"""The kinds of static charts under a picture, each a function from a tidy table to a `Drawing`.

The caller names the columns. `series` maps each name in the column "series" to its colour (see `dashboard.frame.vega`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dashboard.frame.vega import (
    INK,
    SIZE,
    Drawing,
    Table,
    axis_of,
    colors,
    columns_of,
    dashes,
    layer,
    quantity,
    rows,
    tooltip,
)  # fmt: skip


def lines(
    table: Table, x: str, y: str, series: Mapping[str, int], *, band: tuple[str, str] | None = None,
    dashed: Sequence[str] = (), x_title: str = "", y_title: str = "", log_x: bool = False, log_y: bool = False,
    points: bool = False, name: str = "lines",
) -> Drawing:  # fmt: skip
    """Curves y(x), one for each series.

    band: two columns between which an area is filled. dashed: the series drawn as dashed lines. points: whether the
    rows are marked by points. name: the name of the table in the chart, unique in a chart of several parts.
    """
    drawn = columns_of(table, x, y, "series", *(band or ()))
    # Values that are not positive, or infinite, cannot be shown on a logarithmic axis.
    for column, log in ((x, log_x), (y, log_y)):
        drawn = rows(drawn, _on_log_axis(drawn[column])) if log else drawn
    color, across = colors(series), quantity(x, x_title or x, **axis_of(drawn[x], log_x))
    up = quantity(y, y_title or y, **axis_of(drawn[y], log_y))
    mark = {"type": "line", "point": points, "strokeWidth": 2}
    curves = layer(
        name, drawn, mark, x=across, y=up, color=color, strokeDash=dashes(series, dashed), tooltip=tooltip(x, y)
    )
    if band is None:
        return Drawing({"layer": [curves.spec]}, curves.data)
    low, high = band
    area = {"type": "area", "opacity": 0.2}
    return layer(name, drawn, area, x=across, y=quantity(low, y_title or y), y2={"field": high}, color=color) + curves


def _on_log_axis(values: np.ndarray) -> np.ndarray:
    return (values > 0) & (values < np.inf)


def histogram(
    bars: Table, curves: Table, series: Mapping[str, int], *, x_title: str = "x",
    y_title: str = "density", dashed: Sequence[str] = (),
) -> Drawing:  # fmt: skip
    """Measured densities as bars, with exact densities as curves on top.

    bars: columns left, right, density, series. curves: columns x, density, series.
    """
    color = colors(series)
    drawn = layer(
        "bars",
        columns_of(bars, "left", "right", "density", "series"),
        {"type": "rect", "opacity": 0.35},
        x=quantity("left", x_title, scale={"zero": False, "nice": False}),
        x2={"field": "right"},
        y=quantity("density", y_title),
        y2={"datum": 0},
        color=color,
        tooltip=tooltip("left", "density"),
    )
    exact = layer(
        "curves",
        columns_of(curves, "x", "density", "series"),
        {"type": "line", "strokeWidth": 2.25},
        x=quantity("x"),
        y=quantity("density"),
        color=color,
        strokeDash=dashes(series, dashed),
    )
    return drawn + exact


def bars(
    table: Table, left: str, right: str, y: str, series: Mapping[str, int], *, x_title: str = "",
    y_title: str = "",
) -> Drawing:  # fmt: skip
    """Bars that reach from `left` to `right` on the horizontal axis and from 0 to `y`; each series has its colour."""
    hint = [*tooltip(left, digits=".8~g"), quantity(y, format=".4~g")]
    return layer(
        "bars",
        columns_of(table, left, right, y, "series"),
        {"type": "rect", "opacity": 0.7},
        x=quantity(left, x_title, scale={"zero": False}),
        x2={"field": right},
        y=quantity(y, y_title),
        y2={"datum": 0},
        color=colors(series),
        tooltip=hint,
    )


def label_maps(
    table: Table, x: str, y: str, label: str, *, size: int, x_title: str = "", y_title: str = "",
) -> Drawing:  # fmt: skip
    """One map for each series: a coloured square at each point (x, y) of a regular grid shows its label.

    size: the width and height of a map in pixels.
    """
    places = columns_of(table, x, y, label, "series")
    names = sorted(dict.fromkeys(places[label].tolist()), key=str)
    per_side = max(1, len(np.unique(places[x])))
    order = list(dict.fromkeys(places["series"].tolist()))
    legend = {"title": None, "orient": "top", "labelFontSize": SIZE, "labelColor": INK, "columns": 4}
    axis: dict[str, Any] = {"axis": {"tickCount": 4}}
    squares = {
        "mark": {"type": "square", "opacity": 1, "size": (size / per_side + 0.6) ** 2},
        "encoding": {
            "x": quantity(x, x_title, **axis),
            "y": quantity(y, y_title, **axis),
            "color": {"field": label, "type": "nominal", "scale": {"domain": names}, "legend": legend},
            "tooltip": [{"field": label, "type": "nominal"}],
        },
        "width": size,
        "height": size,
    }
    header = {"title": None, "labelFontSize": SIZE, "labelColor": INK}
    spec = {
        "data": {"name": "places"},
        "facet": {"field": "series", "type": "nominal", "header": header, "sort": order},
        "columns": min(4, len(order)),
        "spec": squares,
        "usermeta": {"embedOptions": {"renderer": "svg"}},  # a canvas does not support the colour "currentColor"
    }
    return Drawing(spec, {"places": places})


def orders(
    table: Table, x: str, y: str, series: Mapping[str, int], *, error: str | None = None,
    fits: Mapping[str, tuple[float, float]] | None = None, x_title: str = "", y_title: str = "",
) -> Drawing:  # fmt: skip
    """Orders of convergence: y against x on two logarithmic axes, as points with fitted power laws.

    error: the column of the standard errors, drawn as error bars. fits: for a series, (slope, factor) of the dashed
    line y = factor · x^slope; the legend gives the slope. Rows whose x or y is not positive or not finite are left
    out.
    """
    fits = fits or {}
    named = {name: f"{name}, slope {fits[name][0]:.2f}" if name in fits else name for name in series}
    points = columns_of(table, x, y, "series", *([error] if error else []))
    points = rows(points, _on_log_axis(points[x]) & _on_log_axis(points[y]))
    points["series"] = np.array([named.get(name, name) for name in points["series"]], dtype=object)
    color = colors({named[name]: index for name, index in series.items()})
    across = quantity(x, x_title or x, **axis_of(points[x], True, 1.15))
    up = quantity(y, y_title or y, **axis_of(points[y], True, 2.0))
    ends: dict[str, list] = {x: [], y: [], "series": []}
    for name, (slope, factor) in fits.items():
        places = points[x][points["series"] == named[name]]
        for at in (places.min(), places.max()) if len(places) else ():
            ends[x].append(at)
            ends[y].append(factor * at**slope)
            ends["series"].append(named[name])
    parts = []
    if ends[x]:
        fitted = {"type": "line", "strokeDash": [5, 4], "strokeWidth": 1.5, "clip": True}
        table = {column: np.array(values) for column, values in ends.items()}
        parts.append(layer("fits", table, fitted, x=across, y=up, color=color))
    if error is not None:
        # The lower end of an error bar must be positive on a logarithmic axis.
        lowest = np.maximum(points[y] - points[error], points[y] / 1000)
        spread = {**points, "low": lowest, "high": points[y] + points[error]}
        rule = {"type": "rule", "strokeWidth": 1.5, "clip": True}
        low = quantity("low", y_title or y, **axis_of(points[y], True, 2.0))
        parts.append(layer("spread", spread, rule, x=across, y=low, y2={"field": "high"}, color=color))
    mark = {"type": "point", "filled": True, "opacity": 1, "size": 60}
    parts.append(layer("points", points, mark, x=across, y=up, color=color, tooltip=tooltip(x, y, digits=".3~g")))
    return sum(parts[1:], Drawing({"layer": [parts[0].spec]}, parts[0].data))
