"""The charts under the energy picture: those that a run has, and the studies, computed when their tab is opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd
import streamlit as st

from dashboard.frame import charts
from dashboard.frame.checks_table import number
from dashboard.runtime.run import cached
from demos.contract import Chart, Demo, Study
from demos.gradient_flow import METHODS
from demos.physics.bench.config import SEARCHES, SystemConfig, method_label
from demos.picture.colors import CATEGORIES, EXACT, method_color

COLORS = {method_label(name): method_color(name) for name in (*METHODS, *SEARCHES)}
EXACT_PREFIX = "exact"  # of the names of series that are known, not measured
MAP_SIZE = 230  # pixels


def draw_charts(demo: Demo, config: SystemConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    """The run's own charts in one tab, and a tab for each study; a closed tab computes nothing."""
    studies = demo.studies(config)
    names = ["This run", *(study.title for study in studies)]
    tabs = st.tabs(names, key=f"energy-charts-{demo.name}", on_change="rerun")
    if tabs[0].open:
        with tabs[0]:
            _grid(
                [
                    (chart, tables[chart.table])
                    for chart in demo.charts(config)
                    if chart.table in tables and not tables[chart.table].empty
                ]
            )
    for tab, study in zip(tabs[1:], studies, strict=True):
        if tab.open:
            with tab:
                _study(demo, config, study)


def _study(demo: Demo, config: SystemConfig, study: Study) -> None:
    key = (f"energy {study.name}", demo.name, *(getattr(config, name) for name in study.on))
    st.markdown(study.sentence)
    try:
        frame = cached(key, lambda progress: study.run(config, progress), study.title)
    except ValueError as problem:
        st.info(str(problem))
        return
    _grid([(chart, frame) for chart in study.charts])
    if study.columns:
        columns = frame[list(study.columns)].rename(columns=study.columns)
        st.table(
            columns.map(lambda value: value if isinstance(value, str) else number(float(value))),
            hide_index=True,
            alt=study.sentence,
        )


def _grid(drawn: Sequence[tuple[Chart, pd.DataFrame]]) -> None:
    """Two charts side by side; one alone has the whole width."""
    for i in range(0, len(drawn), 2):
        pair = drawn[i : i + 2]
        for column, (chart, frame) in zip(st.columns(len(pair)), pair, strict=True):
            with column:
                charts.show(_draw(chart, frame), chart.sentence, chart.title, key=f"energy-{chart.title}")
                st.caption(chart.sentence)


def _series(frame: pd.DataFrame) -> dict[str, int]:
    """The colour of each series: its method's, that of exact values, or the next of the map."""
    result: dict[str, int] = {}
    for name in pd.unique(frame["series"]):
        free = next((i for i in range(CATEGORIES - 1) if i not in result.values()), 0)
        result[name] = COLORS.get(name, EXACT if name.startswith(EXACT_PREFIX) else free)
    return result


def _draw(chart: Chart, frame: pd.DataFrame) -> alt.TopLevelMixin:
    frame = frame.dropna(subset=["label" if chart.kind == "map" else chart.y])
    series, titles = _series(frame), {"x_title": chart.x_title, "y_title": chart.y_title}
    exact_series = tuple(name for name in series if name.startswith(EXACT_PREFIX))
    match chart.kind:
        case "lines" | "points":
            columns = frame[[chart.x, chart.y, "series", *([chart.error] if chart.error else [])]]
            exact = columns["series"].isin(exact_series)
            parts = [
                charts.lines(
                    part,
                    chart.x,
                    chart.y,
                    series,
                    dashed=exact_series,
                    log_x=chart.log_x,
                    log_y=chart.log_y,
                    points=dots,
                    **titles,
                )
                for part, dots in ((columns[exact], False), (columns[~exact], chart.kind == "points"))
                if len(part)
            ]
            drawn = alt.layer(*parts)
            return drawn + _errors(chart, columns[~exact], series) if chart.error else drawn
        case "bars":
            return charts.bars(frame, "left", "right", chart.y, series, **titles)
        case "map":
            return charts.label_maps(frame, "x", "y", "label", size=MAP_SIZE, **titles)
    raise AssertionError(f"unknown kind of chart: {chart.kind}")


def _errors(chart: Chart, frame: pd.DataFrame, series: Mapping[str, int]) -> alt.Chart:
    frame = frame.assign(low=frame[chart.y] - frame[chart.error], high=frame[chart.y] + frame[chart.error])
    return (
        alt.Chart(frame)
        .mark_rule(strokeWidth=1.5)
        .encode(x=f"{chart.x}:Q", y=alt.Y("low:Q", title=chart.y_title), y2="high:Q", color=charts.colors(series))
    )
