"""The charts under the energy picture: those that a run has, and the studies, computed when their tab is opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd
import streamlit as st

from dashboard.frame import charts
from dashboard.frame.checks_table import number
from dashboard.runtime.run import cached
from demos.contract.charts import Chart, Study
from demos.physics.config import METHOD_LABELS, EnergyConfig
from demos.physics.run import charts_of, studies_of
from demos.picture.colors import CATEGORIES, EXACT, method_color

COLORS = {label: method_color(name) for name, label in METHOD_LABELS.items()}
TRUTH = "exact"  # series whose name begins so are what is known
MAP_SIZE = 230  # pixels


def show_charts(config: EnergyConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    """The run's own charts in one tab, and a tab for each study; a closed tab computes nothing."""
    studies = studies_of(config)
    names = ["This run", *(study.title for study in studies)]
    places = st.tabs(names, key=f"energy-charts-{config.system}", on_change="rerun")
    if places[0].open:
        with places[0]:
            _grid(
                [
                    (chart, tables[chart.table])
                    for chart in charts_of(config)
                    if chart.table in tables and not tables[chart.table].empty
                ]
            )
    for place, study in zip(places[1:], studies, strict=True):
        if place.open:
            with place:
                _study(config, study)


def _study(config: EnergyConfig, study: Study) -> None:
    key = (f"energy {study.name}", config.system, *(getattr(config, name) for name in study.on))
    st.markdown(study.sentence)
    try:
        frame = cached(key, lambda progress: study.run(config, progress), study.title)
    except ValueError as problem:
        st.info(str(problem))
        return
    _grid([(chart, frame) for chart in study.charts])
    if study.columns:
        shown = frame[list(study.columns)].rename(columns=study.columns)
        st.table(
            shown.map(lambda value: value if isinstance(value, str) else number(float(value))),
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
    """The colour of each series: its method's, that of truths, or the next of the map."""
    result: dict[str, int] = {}
    for name in pd.unique(frame["series"]):
        free = next((i for i in range(CATEGORIES - 1) if i not in result.values()), 0)
        result[name] = COLORS.get(name, EXACT if name.startswith(TRUTH) else free)
    return result


def _draw(chart: Chart, frame: pd.DataFrame) -> alt.TopLevelMixin:
    frame = frame.dropna(subset=["label" if chart.kind == "map" else chart.y])
    series, titles = _series(frame), {"x_title": chart.x_title, "y_title": chart.y_title}
    truths = tuple(name for name in series if name.startswith(TRUTH))
    match chart.kind:
        case "lines" | "points":
            kept = frame[[chart.x, chart.y, "series", *([chart.error] if chart.error else [])]]
            exact = kept["series"].isin(truths)
            parts = [
                charts.lines(
                    part,
                    chart.x,
                    chart.y,
                    series,
                    dashed=truths,
                    log_x=chart.log_x,
                    log_y=chart.log_y,
                    points=dots,
                    **titles,
                )
                for part, dots in ((kept[exact], False), (kept[~exact], chart.kind == "points"))
                if len(part)
            ]
            drawn = alt.layer(*parts)
            return drawn + _errors(chart, kept[~exact], series) if chart.error else drawn
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
