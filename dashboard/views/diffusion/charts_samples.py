"""Charts about the samples: their distance to the data, its dependence on the cost, modes, paths, guidance."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from dashboard.frame import charts, vega
from dashboard.frame.studies import draw_table
from dashboard.views.diffusion.chart_parts import FLOOR, OWN_BUDGET, series_of, study, with_floor
from demos.common.numbers import number
from demos.diffusion import studies
from demos.diffusion.config import DiffusionConfig
from demos.diffusion.metrics import misnamed
from demos.diffusion.setup import data_of
from demos.picture.colors import EXACT

FLOORS = (
    "Floors are the distances of two true samples of the same size, with their standard deviation from pair to pair."
)
COUNTS = ("evaluations", "steps", "points")  # rows of tables that hold whole numbers
NAMES = {"away": "distance from the class's mean", "away of p(x) p(c|x)^w": "that of p(x) p(c|x)^w"}
CLASS = {"field": "class", "type": "nominal", "title": "", "axis": {"labelAngle": 0}}
BESIDE = {"field": "series", "type": "nominal"}


def draw_distances(config: DiffusionConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    table = tables["distances"].set_index("series").T.dropna()
    st.table(_written(table), alt="Sliced W2 of each sampler beside its floor.")
    st.caption(FLOORS)


def draw_exact_distances(config: DiffusionConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    frame = study("exact distances", config, studies.exact_distances, "Solving the optimal transport")
    st.table(_written(frame.set_index("series").T), alt="Exact W2 and MMD of each sampler beside their floors.")
    st.caption(f"{FLOORS} Exact W2 by optimal assignment; MMD with Gaussian kernels.")


def _written(table: pd.DataFrame) -> pd.DataFrame:
    """The table with its numbers rounded, as text; counts are written as whole numbers."""
    return table.apply(lambda row: row.map(lambda v: f"{v:,.0f}" if row.name in COUNTS else number(v)), axis=1)


def draw_cost(config: DiffusionConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    frame = study("cost", config, studies.cost_study, "Sampling at six budgets", OWN_BUDGET)
    aim = "what is asked for" if config.guided and not tables["shares"].empty else "the data"
    shown = with_floor(frame, "evaluations", "sliced W2").sort_values("evaluations")
    lines = charts.lines(
        shown,
        "evaluations",
        "sliced W2",
        series_of(frame) | {FLOOR: EXACT},
        dashed=(FLOOR,),
        log_x=True,
        log_y=True,
        points=True,
        x_title="evaluations of the score",
        y_title=f"sliced W2 to {aim}",
    )
    vega.draw(
        lines,
        f"Distance to {aim} over evaluations of the score, for each sampler, above the distance of two true samples.",
        key="cost",
    )
    apart = f"{number(frame['floor'].iloc[0])} ± {number(frame['floor spread'].iloc[0], digits=1)}"
    st.caption(
        f"From the same noise. Two true samples of this size are {apart} apart (± from pair to pair); "
        "nothing below it can be seen."
    )


def draw_modes(config: DiffusionConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    frame = tables["shares"]
    if frame.empty:
        st.info("These data have one class: there are no shares to compare.")
        return
    chance = frame[frame["error"] > 0]
    chance = chance.assign(low=chance["share"] - 2 * chance["error"], high=chance["share"] + 2 * chance["error"])
    true = frame.dropna(subset=["exact"])
    drawn = vega.layer(
        "shares",
        vega.columns_of(frame, "class", "share", "series"),
        {"type": "bar", "opacity": 0.55},
        x=CLASS,
        xOffset=BESIDE,
        y=vega.quantity("share", "share of the samples"),
        color=vega.colors(series_of(frame)),
    )
    if len(chance):
        spread = vega.columns_of(chance, "class", "low", "high", "series")
        low, high = vega.quantity("low"), {"field": "high"}
        drawn += vega.layer("chance", spread, {"type": "rule"}, x=CLASS, xOffset=BESIDE, y=low, y2=high)
    if len(true):
        tick = {"type": "tick", "color": "gray", "thickness": 2.5, "width": 40}
        across = {"field": "class", "type": "nominal"}
        drawn += vega.layer("true", vega.columns_of(true, "class", "exact"), tick, x=across, y=vega.quantity("exact"))
    vega.draw(drawn, "Share of each mode" + (", beside the true share." if len(true) else "."), key="modes")
    if not len(true):
        st.caption(f"Guided with w = {config.guidance:g}, no true shares are known to compare with.")
    elif len(chance):
        st.caption("Bars with two multinomial standard errors; ticks are the true shares.")
    else:
        st.caption(
            "Ticks are the shares that were asked for: no chance is left in them. Points are named by where "
            f"they lie, which gives {misnamed(data_of(config)):.2%} of true points the name of another class."
        )


def draw_paths(config: DiffusionConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    frame = tables["grid"]
    vega.draw(
        charts.lines(
            frame[frame["sigma"] > 0],
            "evaluations",
            "sigma",
            series_of(frame),
            x_title="evaluations",
            y_title="noise level σ",
            log_y=True,
        ),
        "Noise level over evaluations, for each sampler.",
        key="grid",
    )
    if not tables["paths"].empty:
        draw_table(tables["paths"].set_index("series"), "Straightness of the paths of each sampler.")
        st.caption(
            "Length over chord is 1 for straight paths; the energy is that of Liu, Gong and Liu, 0 for straight ones."
        )


def draw_guidance(config: DiffusionConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    if tables["shares"].empty:
        st.info("These data have one class: there is none to ask for.")
        return
    frame = study("guidance", config, studies.guidance_study, "Guiding at five weights")
    shown = frame.assign(w=frame["w"].map("{:g}".format)).set_index("w").rename(columns=NAMES)
    draw_table(shown, "What guidance samples beside the distribution it is often said to sample.")
    st.caption(
        "The guided flow does not sample p(x) p(c|x)^w: its spread and its place differ from that "
        "distribution's, by quadrature."
    )
