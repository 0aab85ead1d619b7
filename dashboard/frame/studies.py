"""What stands under a picture: the charts of its run in one tab, and a tab for each study, computed when it is opened.

Both are plain data of the demo (`demos.contract.charts`). A page with tabs of its own hands functions to `draw_tabs`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.frame import charts, failure, vega
from dashboard.runtime.run import cached
from demos.common.numbers import number
from demos.contract import Chart, Config, Demo, Study
from demos.picture.colors import CATEGORIES, EXACT

THIS_RUN = "This run"
MAP_SIZE = 230  # pixels of one map of labels
EXACTLY = "exact"  # series whose name begins so are what is known

Tables = Mapping[str, pd.DataFrame]


def draw_tabs(tabs: Mapping[str, Callable[[], None]], key: str) -> None:
    """One tab for each title. Only the open one is drawn; where it says ValueError, its sentence stands there."""
    for place, draw in zip(st.tabs(list(tabs), key=key, on_change="rerun"), tabs.values(), strict=True):
        if place.open:
            with place:
                try:
                    draw()
                except ValueError as problem:
                    st.info(str(problem))
                except Exception as problem:  # the picture above is not to be lost for it
                    failure.tell(st, problem, f"{st.context.url or ''} {key}".strip())


def draw_charts(
    demo: Demo,
    config: Config,
    tables: Tables,
    known: Mapping[str, int],
    first: Mapping[str, Callable[[], None]] | None = None,
    last: Mapping[str, Callable[[], None]] | None = None,
) -> None:
    """The demo's charts of this run, and its studies. `known`: the colours of series that have one, methods first.
    first, last: tabs of the page's own, before and after them."""
    studies = demo.studies(config)
    own = [(chart, tables) for chart in demo.charts(config) if has_rows(chart, tables)]
    tabs: dict[str, Callable[[], None]] = {**(first or {}), THIS_RUN: lambda: draw_grid(own, demo.name, known)}
    tabs |= {study.title: lambda study=study: draw_study(demo, config, study, known) for study in studies}
    tabs |= last or {}
    draw_tabs(tabs, f"{demo.name}-charts")


def draw_study(demo: Demo, config: Config, study: Study, known: Mapping[str, int]) -> None:
    """Compute a study, once for all visitors, and draw its charts and its table. Raises what `study.run` raises."""
    key = (f"{demo.name}, {study.name}", *(getattr(config, name) for name in study.on))
    st.markdown(study.sentence)
    frame = cached(key, lambda progress: study.run(config, progress), study.title)
    draw_grid([(chart, {chart.table: frame}) for chart in study.charts], demo.name, known)
    if study.columns:
        shown = frame[list(study.columns)].rename(columns=study.columns)
        draw_table(shown, study.sentence, hide_index=True)


def draw_table(frame: pd.DataFrame, alternative: str, hide_index: bool | None = None) -> None:
    """A table of numbers for people; `alternative` says in one sentence what it shows."""
    written = frame.map(lambda value: value if isinstance(value, str) else number(float(value)))
    st.table(written, hide_index=hide_index, alt=alternative)


def has_rows(chart: Chart, tables: Tables) -> bool:
    """Whether a result has what the chart shows."""
    return chart.table in tables and not tables[chart.table].empty


def draw_grid(drawn: Sequence[tuple[Chart, Tables]], key: str, known: Mapping[str, int]) -> None:
    """Two charts side by side, each over its caption; one alone has the whole width."""
    for i in range(0, len(drawn), 2):
        pair = drawn[i : i + 2]
        for column, (chart, tables) in zip(st.columns(len(pair)), pair, strict=True):
            with column:
                drawing = drawing_of(chart, tables[chart.table], known)
                vega.draw(drawing, chart.sentence, chart.title, key=f"{key}-{chart.title}")
                st.caption(chart.sentence)


def series_of(names: Sequence[str], known: Mapping[str, int]) -> dict[str, int]:
    """The colour of each series: the one that is known, that of exact values, or the next of the map."""
    result: dict[str, int] = {}
    for name in dict.fromkeys(names):
        free = next((i for i in range(CATEGORIES - 1) if i not in result.values()), 0)
        result[name] = known.get(name, EXACT if name.startswith(EXACTLY) else free)
    return result


def drawing_of(chart: Chart, frame: pd.DataFrame, known: Mapping[str, int]) -> vega.Drawing:
    """The chart of a frame; `known`: colours of series."""
    titles = {"x_title": chart.x_title, "y_title": chart.y_title}
    if chart.kind == "map":
        return charts.label_maps(frame.dropna(subset=["label"]), "x", "y", "label", size=MAP_SIZE, **titles)
    if chart.kind == "bars":
        frame = frame.dropna(subset=[chart.y])
        return charts.bars(frame, "left", "right", chart.y, series_of(frame["series"].tolist(), known), **titles)
    if chart.kind not in ("lines", "points"):
        raise AssertionError(f"unknown kind of chart: {chart.kind}")
    table = vega.columns_of(frame, chart.x, chart.y, "series", *([chart.error] if chart.error else []))
    table = vega.rows(table, ~np.isnan(table[chart.y].astype(float)))
    series = series_of(table["series"].tolist(), known)
    names = tuple(name for name in series if name.startswith(EXACTLY))
    exact = np.isin(table["series"].astype(str), names)
    options: dict[str, Any] = {"dashed": names, "log_x": chart.log_x, "log_y": chart.log_y, **titles}
    if chart.kind == "lines":  # exact curves first: they lie below the measured ones
        ordered = vega.rows(table, np.argsort(~exact, kind="stable"))
        return charts.lines(ordered, chart.x, chart.y, series, **options)
    parts = [
        charts.lines(vega.rows(table, chosen), chart.x, chart.y, series, points=dots, name=name, **options)
        for name, chosen, dots in (("exact", exact, False), ("measured", ~exact, True))
        if chosen.any()
    ]
    if chart.error:
        parts.append(_errors(chart, vega.rows(table, ~exact), series))
    return sum(parts[1:], parts[0])


def _errors(chart: Chart, table: vega.Columns, series: Mapping[str, int]) -> vega.Drawing:
    low, high = table[chart.y] - table[chart.error], table[chart.y] + table[chart.error]
    return vega.layer(
        "errors",
        {chart.x: table[chart.x], "low": low, "high": high, "series": table["series"]},
        {"type": "rule", "strokeWidth": 1.5},
        x=vega.quantity(chart.x),
        y=vega.quantity("low", chart.y_title),
        y2={"field": "high"},
        color=vega.colors(series),
    )
