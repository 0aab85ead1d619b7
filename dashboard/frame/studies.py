"""The tabs under a picture: one with the charts of its run, and one for each study, computed when its tab is opened.

Charts and studies are plain data of the demo (`demos.contract.charts`). A page with other tabs passes functions to
`draw_tabs`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.frame import charts, failure, vega
from dashboard.frame.markdown import plain
from dashboard.runtime.run import cached
from demos.common.numbers import number
from demos.contract import Chart, Config, Demo, Study
from demos.picture.colors import CATEGORIES, EXACT

THIS_RUN = "This run"
MAP_SIZE = 230  # pixels of one map of labels
EXACTLY = "exact"  # a series whose name begins with this word holds exact values

Tables = Mapping[str, pd.DataFrame]


def draw_tabs(tabs: Mapping[str, Callable[[], None]], key: str) -> None:
    """Draw a tab for each title; the function of the open one is called. The tab shows the sentence of its refusal,
    or a report of another exception."""
    for place, draw in zip(st.tabs(list(tabs), key=key, on_change="rerun"), tabs.values(), strict=True):
        if place.open:
            with place:
                try:
                    draw()
                except Exception as problem:  # the picture above the tabs must stay
                    if failure.is_refusal(problem):
                        st.info(plain(str(problem)))
                    else:
                        failure.report(st, problem, f"{st.context.url or ''} {key}".strip())


def draw_charts(
    demo: Demo,
    config: Config,
    tables: Tables,
    known: Mapping[str, int],
    first: Mapping[str, Callable[[], None]] | None = None,
    last: Mapping[str, Callable[[], None]] | None = None,
) -> None:
    """Draw a tab with the charts of the run and one tab for each of the demo's studies.

    known: the colours of series that have a fixed one. first, last: the page's own tabs, before and after these.
    """
    studies = demo.studies(config)
    own = [(chart, tables) for chart in demo.charts(config) if has_rows(chart, tables)]
    tabs: dict[str, Callable[[], None]] = {**(first or {}), THIS_RUN: lambda: draw_grid(own, demo.name, known)}
    tabs |= {study.title: lambda study=study: draw_study(demo, config, study, known) for study in studies}
    tabs |= last or {}
    draw_tabs(tabs, f"{demo.name}-charts")


def draw_study(demo: Demo, config: Config, study: Study, known: Mapping[str, int]) -> None:
    """Compute a study, once for all visitors, and draw its charts and its table. Raises what `study.run` raises."""
    key = (f"{demo.name}, {study.name}", *(getattr(config, name) for name in study.depends_on))
    st.markdown(study.sentence)
    frame = cached(key, lambda progress: study.run(config, progress), study.title)
    draw_grid([(chart, {chart.table: frame}) for chart in study.charts], demo.name, known)
    if study.columns:
        shown = frame[list(study.columns)].rename(columns=study.columns)
        draw_table(shown, study.sentence, hide_index=True)


def draw_table(frame: pd.DataFrame, alternative: str, hide_index: bool | None = None) -> None:
    """Draw a table with rounded numbers; `alternative` describes it in one sentence for screen readers."""
    written = frame.map(lambda value: value if isinstance(value, str) else number(float(value)))
    st.table(written, hide_index=hide_index, alt=alternative)


def has_rows(chart: Chart, tables: Tables) -> bool:
    """Whether the result's tables contain rows for the chart."""
    return chart.table in tables and not tables[chart.table].empty


def draw_grid(drawn: Sequence[tuple[Chart, Tables]], key: str, known: Mapping[str, int]) -> None:
    """Draw charts in rows of two, each with its caption; the last of an odd number has the whole width."""
    for i in range(0, len(drawn), 2):
        pair = drawn[i : i + 2]
        for column, (chart, tables) in zip(st.columns(len(pair)), pair, strict=True):
            with column:
                drawing = drawing_of(chart, tables[chart.table], known)
                vega.draw(drawing, chart.sentence, chart.title, key=f"{key}-{chart.title}")
                st.caption(chart.sentence)


def series_of(names: Sequence[str], known: Mapping[str, int]) -> dict[str, int]:
    """The colour of each series: the one in `known`, the colour of exact values, or the next free one of the map."""
    result: dict[str, int] = {}
    for name in dict.fromkeys(names):
        free = next((i for i in range(CATEGORIES - 1) if i not in result.values()), 0)
        result[name] = known.get(name, EXACT if name.startswith(EXACTLY) else free)
    return result


def drawing_of(chart: Chart, frame: pd.DataFrame, known: Mapping[str, int]) -> vega.Drawing:
    """The chart with the rows of `frame`. known: the colours of series that have a fixed one."""
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
    if chart.kind == "lines":  # exact curves first, so that the measured ones are drawn on top
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
