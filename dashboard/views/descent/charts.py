"""The tabs under the picture of a landscape: predictions beside measurements, charts of the run, studies."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import pandas as pd
import streamlit as st

from dashboard.frame.studies import THIS_RUN, draw_grid, draw_study, draw_tabs, has_rows
from demos.descent.config import DescentConfig
from demos.descent.demo import DEMO
from demos.descent.optimizers import LABELS
from demos.picture.colors import EXACT, method_color

COLORS = {label: method_color(name) for name, label in LABELS.items()} | {"exact flow": EXACT}


def draw_landscape_charts(config: DescentConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    """Draw one tab for the run and one for each study. Nothing is computed for a closed tab."""
    tabs = {THIS_RUN: partial(_run, config, tables)}
    for study in DEMO.studies(config):
        tabs[study.title] = partial(draw_study, DEMO, config, study, COLORS)
    draw_tabs(tabs, "descent-charts")


def _run(config: DescentConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    st.markdown(
        "**Predicted, then measured.** Said before the run, from the curvature at the minimum to which the exact flow "
        "leads, for the first start; and what then happened."
    )
    st.table(tables["predictions"], hide_index=True, alt="Predictions for each method beside what was measured.")
    draw_grid([(chart, tables) for chart in DEMO.charts(config) if has_rows(chart, tables)], "descent", COLORS)
    if not tables["directions"].empty:
        st.markdown(
            "**In each eigen-direction of that minimum.** Gradient descent glides in where rate × curvature is below 1,"
            " changes its sign every step from 1 to 2, and leaves beyond 2."
        )
        st.table(tables["directions"], hide_index=True, alt="What each method does along each eigen-direction.")
