"""Charts of what stands still, in the page's theme: Altair, transparent, nothing smaller than 14 pixels.

Colours are indices into the theme's categorical map (`demos.picture.colors`), so that a method keeps its colour on
every chart, in light and in dark. Frames are tidy pandas frames; column names are given by the caller.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd
import streamlit as st

from dashboard.frame.checks_table import SUPERSCRIPTS
from demos.picture.colors import CATEGORIES

SIZE = 14  # px
HEIGHT = 300  # px
INK = "currentColor"  # the page's text colour, in either theme
LONG = 60  # letters of a legend's entry that needs a line for itself
ROW = 22  # px, of a legend
NARROW = 420  # px: a plot that has no room for two columns of its legend


def colors(series: Mapping[str, int], title: str | None = None) -> alt.Color:
    """The colour of each series by its index in the categorical map; the frame's column is `series`."""
    return alt.Color("series:N", scale=alt.Scale(domain=_domain(series)), legend=_legend(series, title))


def dashes(series: Mapping[str, int], dashed: Sequence[str]) -> alt.StrokeDash:
    """Some of the series dashed, on the chart and in the legend of `colors`."""
    domain = _domain(series)
    scale = alt.Scale(domain=domain, range=[[6, 4] if name in dashed else [1, 0] for name in domain])
    return alt.StrokeDash("series:N", scale=scale, legend=_legend(series))


def _domain(series: Mapping[str, int]) -> list[str]:
    """Vega-Lite gives the map's colours to a domain in order, so the domain gets a nameless place for each index that
    is not asked for, and the legend only the names that are."""
    places: dict[int, str] = {}
    for name, index in series.items():
        while index in places:
            index += CATEGORIES  # the map begins again: the same colour
        places[index] = name
    return [places.get(i, "\u200b" * (i + 1)) for i in range(max(places, default=0) + 1)]


def _legend(series: Mapping[str, int], title: str | None = None) -> alt.Legend | None:
    if len(series) < 2:
        return None
    return alt.Legend(
        values=list(series),
        title=title,
        symbolType="stroke",
        symbolSize=400,
        orient="top",
        columns=alt.ExprRef(f"width < {NARROW} ? 1 : {_columns(series)}"),
        labelLimit=420,
    )


def _columns(series: Mapping[str, int]) -> int:
    return 1 if max(map(len, series)) > LONG else 2


def height_with(series: Mapping[str, int], height: int = HEIGHT) -> int:
    """A chart's height with the lines of its legend, so that they take nothing from the plot."""
    return height + (ROW * math.ceil(len(series) / _columns(series)) if len(series) > 1 else 0)


def lines(
    frame: pd.DataFrame, x: str, y: str, series: Mapping[str, int], *, band: tuple[str, str] | None = None,
    dashed: Sequence[str] = (), x_title: str = "", y_title: str = "", log_x: bool = False, log_y: bool = False,
    points: bool = False,
) -> alt.LayerChart:  # fmt: skip
    """Curves y(x), one a series, with a band between two columns where given; `dashed` series are dashed."""
    # What is not positive has no place on a logarithmic axis.
    frame = frame[(frame[x] > 0) | (not log_x)]
    frame = frame[(frame[y] > 0) | (not log_y)]
    color = colors(series)
    across = alt.X(f"{x}:Q", title=x_title or x, **_across(frame[x], log_x))
    base = alt.Chart(frame).encode(x=across, color=color)
    up = alt.Y(f"{y}:Q", title=y_title or y, **_across(frame[y], log_y))
    dash = dashes(series, dashed)
    tooltip = ["series:N", alt.Tooltip(f"{x}:Q", format=".4~g"), alt.Tooltip(f"{y}:Q", format=".4~g")]
    layers = []
    if band is not None:
        low, high = band
        layers.append(base.mark_area(opacity=0.2).encode(y=alt.Y(f"{low}:Q", title=y_title or y), y2=f"{high}:Q"))
    layers.append(base.mark_line(strokeWidth=2, point=points).encode(y=up, strokeDash=dash, tooltip=tooltip))
    return alt.layer(*layers)


def histogram(
    bars: pd.DataFrame, curves: pd.DataFrame, series: Mapping[str, int], *, x_title: str = "x",
    y_title: str = "density", dashed: Sequence[str] = (),
) -> alt.LayerChart:  # fmt: skip
    """Measured densities as bars (columns left, right, density, series) under exact curves (x, density, series)."""
    color = colors(series)
    drawn = (
        alt.Chart(bars)
        .mark_rect(opacity=0.35)
        .encode(
            x=alt.X("left:Q", title=x_title, scale=alt.Scale(zero=False, nice=False)),
            x2="right:Q",
            y=alt.Y("density:Q", title=y_title),
            y2=alt.Y2Datum(0),
            color=color,
            tooltip=["series:N", alt.Tooltip("left:Q", format=".4~g"), alt.Tooltip("density:Q", format=".4~g")],
        )
    )
    exact = (
        alt.Chart(curves)
        .mark_line(strokeWidth=2.25)
        .encode(x="x:Q", y="density:Q", color=color, strokeDash=dashes(series, dashed))
    )
    return alt.layer(drawn, exact)


def bars(
    frame: pd.DataFrame, left: str, right: str, y: str, series: Mapping[str, int], *, x_title: str = "",
    y_title: str = "",
) -> alt.Chart:  # fmt: skip
    """Bars from left to right, as high as y, one colour a series."""
    tooltip = ["series:N", alt.Tooltip(f"{left}:Q", format=".8~g"), alt.Tooltip(f"{y}:Q", format=".4~g")]
    return (
        alt.Chart(frame)
        .mark_rect(opacity=0.7)
        .encode(
            x=alt.X(f"{left}:Q", title=x_title, scale=alt.Scale(zero=False)),
            x2=f"{right}:Q",
            y=alt.Y(f"{y}:Q", title=y_title),
            y2=alt.Y2Datum(0),
            color=colors(series),
            tooltip=tooltip,
        )
    )


def label_maps(
    frame: pd.DataFrame, x: str, y: str, label: str, *, size: int, x_title: str = "", y_title: str = "",
) -> alt.FacetChart:  # fmt: skip
    """One picture of coloured squares a series: the label of each place (x, y) of a regular grid."""
    names = sorted(pd.unique(frame[label]), key=str)
    per_side = max(1, frame[x].nunique())
    color = alt.Color(
        f"{label}:N",
        scale=alt.Scale(domain=names),
        legend=alt.Legend(title=None, orient="top", labelFontSize=SIZE, labelColor=INK, columns=4),
    )
    axis = {"axis": alt.Axis(tickCount=4)}
    squares = (
        alt.Chart(frame)
        .mark_square(size=(size / per_side + 0.6) ** 2, opacity=1)
        .encode(
            x=alt.X(f"{x}:Q", title=x_title, **axis),
            y=alt.Y(f"{y}:Q", title=y_title, **axis),
            color=color,
            tooltip=[f"{label}:N"],
        )
        .properties(width=size, height=size)
    )
    header = alt.Header(title=None, labelFontSize=SIZE, labelColor=INK)
    order = list(pd.unique(frame["series"]))
    maps = squares.facet(facet=alt.Facet("series:N", header=header, sort=order), columns=min(4, len(order)))
    return maps.properties(usermeta={"embedOptions": {"renderer": "svg"}})  # a canvas would not know the text's colour


def orders(
    frame: pd.DataFrame, x: str, y: str, series: Mapping[str, int], *, error: str | None = None,
    fits: Mapping[str, tuple[float, float]] | None = None, x_title: str = "", y_title: str = "",
) -> alt.LayerChart:  # fmt: skip
    """y against x on two logarithmic axes: points with error bars and, for each fit (slope, factor), factor x^slope.

    The slopes stand in the legend. Rows whose y is not positive have no place on the axis and are left out.
    """
    fits = fits or {}
    named = {name: f"{name}, slope {fits[name][0]:.2f}" if name in fits else name for name in series}
    frame = frame[(frame[y] > 0) & (frame[x] > 0)].replace({"series": named})
    color = colors({named[name]: index for name, index in series.items()})
    across = alt.X(f"{x}:Q", title=x_title or x, **_across(frame[x], True, 1.15))
    up = alt.Y(f"{y}:Q", title=y_title or y, **_across(frame[y], True, 2.0))
    base = alt.Chart(frame).encode(x=across, y=up, color=color)
    layers = []
    ends = [
        {x: at, y: factor * at**slope, "series": named[name]}
        for name, (slope, factor) in fits.items()
        for at in frame.loc[frame["series"] == named[name], x].agg(["min", "max"])
    ]
    if ends:
        fitted = alt.Chart(pd.DataFrame(ends)).encode(x=across, y=up, color=color)
        layers.append(fitted.mark_line(strokeDash=[5, 4], strokeWidth=1.5, clip=True))
    if error is not None:
        # Down to a positive number: a logarithmic axis has no zero.
        low, high = f"max(datum['{y}'] - datum['{error}'], datum['{y}'] / 1000)", f"datum['{y}'] + datum['{error}']"
        bars = base.transform_calculate(low=low, high=high).mark_rule(strokeWidth=1.5, clip=True)
        layers.append(bars.encode(y=alt.Y("low:Q", title=y_title or y, **_across(frame[y], True, 2.0)), y2="high:Q"))
    tooltip = ["series:N", alt.Tooltip(f"{x}:Q", format=".3~g"), alt.Tooltip(f"{y}:Q", format=".3~g")]
    layers.append(base.mark_point(filled=True, size=60, opacity=1).encode(tooltip=tooltip))
    return alt.layer(*layers)


def show(
    chart: alt.TopLevelMixin,
    alternative: str,
    title: str = "",
    height: int = HEIGHT,
    key: str | None = None,
    width: str = "stretch",
) -> None:
    """Draw a chart here; `width` "content" is the chart's own, else that of its place. `alternative` says in one
    sentence what it shows, to those who cannot see it."""
    text = {"labelFontSize": SIZE, "titleFontSize": SIZE, "labelColor": INK, "titleColor": INK, "titlePadding": 8}
    lines = {"gridColor": INK, "gridOpacity": 0.1, "tickColor": INK, "tickOpacity": 0.4, "domainColor": INK}
    if not isinstance(chart, alt.FacetChart):  # its parts have their own
        chart = chart.properties(height=height)
    chart = (
        chart.properties(background="transparent")
        .configure_axis(**text, **lines, domain=True, domainOpacity=0.4, ticks=True, tickSize=4, labelPadding=5)
        .configure_legend(**text, labelLimit=0, offset=8, padding=0, symbolOpacity=1, symbolStrokeWidth=3)
        .configure_view(strokeWidth=0)
    )
    if title:
        st.markdown(f"**{title}**")
    st.altair_chart(chart, width=width, theme="streamlit", alt=alternative, key=key)


def _across(values: pd.Series, log: bool, factor: float = 1.0) -> dict[str, alt.Scale | alt.Axis]:
    """Scale and axis for these values. Logarithmic: wider by `factor`, ticks at 1, 2, 5 or at powers of ten."""
    if not log:
        return {"scale": alt.Scale(zero=False), "axis": alt.Axis(tickCount=6)}
    values = values[values > 0]
    if values.empty:
        return {"scale": alt.Scale(type="log"), "axis": alt.Axis(tickCount=5)}
    low, high = float(values.min()) / factor, float(values.max()) * factor
    ticks = log_ticks(low, high)
    words = ", ".join(f"'{power_of_ten(tick)}'" for tick in ticks)
    axis = alt.Axis(values=ticks, labelExpr=f"[{words}][indexof([{', '.join(map(repr, ticks))}], datum.value)]")
    return {"scale": alt.Scale(type="log", nice=False, domain=[low, high]), "axis": axis}


def log_ticks(low: float, high: float) -> list[float]:
    """From three to seven round numbers from low to high where there are so many."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    close = (1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9)
    for stride, numbers in ((1, close), (1, (1, 1.5, 2, 3, 5, 7)), (1, (1, 2, 5)), (1, (1,)), (2, (1,)), (5, (1,)),
                            (20, (1,))):  # fmt: skip
        ticks = [float(f"{n}e{decade}") for decade in decades if decade % stride == 0 for n in numbers]
        ticks = [tick for tick in ticks if low <= tick <= high]
        if len(ticks) <= 7:
            break
    return ticks


def power_of_ten(value: float) -> str:
    """0.05, 20, and 10⁻⁵ or 2 × 10⁻⁵ for what would be a row of zeros."""
    if 0.0011 <= value <= 9999:
        return f"{value:g}"
    digit, power = (f"{value:.1e}" if float(f"{value:.0e}") != value else f"{value:.0e}").split("e")
    return ("" if digit == "1" else f"{digit} × ") + "10" + str(int(power)).translate(SUPERSCRIPTS)
