"""The charts under the diffusion picture: the expensive ones are computed when their tab is opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.frame import charts, vega
from dashboard.frame.studies import draw_table, draw_tabs
from dashboard.player.player import player
from dashboard.runtime.run import cached
from dashboard.views.diffusion.training import draw_training
from demos.common.numbers import number
from demos.diffusion import studies
from demos.diffusion.bridge import bridge
from demos.diffusion.config import DiffusionConfig
from demos.diffusion.metrics import misnamed
from demos.diffusion.samplers import SAMPLERS
from demos.diffusion.setup import data_of
from demos.picture.colors import EXACT
from demos.picture.payload import encode

COLORS = {sampler.label: sampler.color for sampler in SAMPLERS.values()}
TABS = ("Distances", "Cost", "The bridge", "Modes", "Likelihood", "Training", "Score error", "Paths", "Guidance")
FLOOR = "two true samples"
COUNTS = ("evaluations", "steps", "points")  # rows of tables that are whole numbers
NAMES = {"away": "distance from the class's mean", "away of p(x) p(c|x)^w": "that of p(x) p(c|x)^w"}
CLASS = {"field": "class", "type": "nominal", "title": "", "axis": {"labelAngle": 0}}
BESIDE = {"field": "series", "type": "nominal"}
OWN_BUDGET = frozenset({"evaluations"})  # of studies that evaluate the score as often as they need
BEYOND = (0.1, 0.25, 0.5, 2.0, 4.0, 8.0, 16.0)  # λ between and beyond the ODE's and the reverse SDE's


def draw_charts(config: DiffusionConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    """All charts, one tab each; a closed tab computes nothing."""
    drawers = (_distances, _cost, _bridge, _modes, _likelihood, _training, _score_error, _paths, _guidance)
    tabs = {title: partial(draw, config, tables) for title, draw in zip(TABS, drawers, strict=True)}
    draw_tabs(tabs, "diffusion-charts")


def _study(name: str, config: DiffusionConfig, function: Any, label: str, without: frozenset[str] = frozenset()) -> Any:
    """A study, kept by the settings that it depends on: those of the picture are not among them, but for the start.

    without: further settings that make no difference to it.
    """
    start = "data" if config.from_data else "prior"
    plain = config.replace(
        start=start, story="back", color="place", landscape=True, trails=False, probe=False, probe_x=1.0, probe_y=0.5
    )
    used = tuple(getattr(plain, field) for field in plain.controls() if field not in without)
    return cached((f"diffusion {name}", *used), lambda progress: function(plain, progress), label)


def _series(frame: pd.DataFrame) -> dict[str, int]:
    return {name: COLORS.get(name, EXACT) for name in pd.unique(frame["series"])}


def _with_floor(frame: pd.DataFrame, x: str, y: str) -> pd.DataFrame:
    """The distance of two true samples as a series of its own: nothing below it can be seen."""
    least = frame.drop_duplicates(x)
    return pd.concat([frame, least.assign(**{"series": FLOOR, y: least["floor"]})], ignore_index=True)


def _cost(config: DiffusionConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    frame = _study("cost", config, studies.cost_study, "Sampling at six budgets", OWN_BUDGET)
    aim = "what is asked for" if config.guided and not tables["shares"].empty else "the data"
    shown = _with_floor(frame, "evaluations", "sliced W2").sort_values("evaluations")
    lines = charts.lines(
        shown,
        "evaluations",
        "sliced W2",
        _series(frame) | {FLOOR: EXACT},
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


def _bridge(config: DiffusionConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    if config.score == "flow_ot":
        st.info(
            "The velocity of matched pairs is no score: with noise added its distribution is another "
            "one. Choose another score."
        )
        return
    st.markdown(
        "With stochasticity λ the sampler is the gradient flow of −log density plus λ times Langevin noise at "
        "kT = 1, solved by the same `solve`: the distribution at each noise level stays the same, and the paths differ."
    )
    third = st.select_slider("λ beside 0 and 1", BEYOND, value=4.0, key="bridge-rate", format_func="{:g}".format)
    follow = lambda plain, progress: _encoded(bridge(plain, progress, (0.0, 1.0, third)))
    distances, paths, payload = _study(f"bridge {third}", config, follow, "Following the same noise at three λ")
    player(payload, key="bridge-player", height=480)
    left, right = st.columns(2)
    series = {name: index for name, index in zip(pd.unique(distances["series"]), (0, 3, 1, 6, 2), strict=False)}
    with left:
        shown = _with_floor(distances[distances["sigma/σ_data"] > 0], "sigma/σ_data", "sliced W2")
        lines = charts.lines(
            shown,
            "sigma/σ_data",
            "sliced W2",
            series | {FLOOR: EXACT},
            dashed=(FLOOR,),
            log_x=True,
            points=True,
            x_title="noise level σ / σ_data",
            y_title="sliced W2 to the distribution",
        )
        vega.draw(
            lines,
            "Distance of each λ's points to the exact distribution at the noise levels, and its floor.",
            key="bridge",
        )
    with right:
        alternative = "How far the same noise ends from where λ = 0 takes it, and the length of its path."
        draw_table(paths.set_index("series"), alternative)


def _encoded(found: Any) -> tuple[pd.DataFrame, pd.DataFrame, bytes]:
    panels = [replace(panel, clickable=False, brush=False) for panel in found.picture.panels]
    return found.distances, found.paths, encode(replace(found.picture, panels=panels), compact=True)


def _distances(config: DiffusionConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    table = tables["distances"].set_index("series").T.dropna()
    st.table(_written(table), alt="Sliced W2 of each sampler beside its floor.")
    frame = _study("exact distances", config, studies.exact_distances, "Solving the optimal transport")
    st.table(_written(frame.set_index("series").T), alt="Exact W2 and MMD of each sampler beside their floors.")
    st.caption(
        "Floors are the distances of two true samples of the same size, with their standard "
        "deviation from pair to pair. Exact W2 by optimal assignment; MMD "
        "with Gaussian kernels."
    )


def _written(table: pd.DataFrame) -> pd.DataFrame:
    """Numbers for people; counts as whole ones."""
    return table.apply(lambda row: row.map(lambda v: f"{v:,.0f}" if row.name in COUNTS else number(v)), axis=1)


def _modes(config: DiffusionConfig, tables: Mapping[str, pd.DataFrame]) -> None:
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
        color=vega.colors(_series(frame)),
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


def _likelihood(config: DiffusionConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    frame = _study("likelihood", config, studies.likelihood_study, "Integrating the divergence", OWN_BUDGET)
    known = frame["exact"].notna().all()
    across = "exact" if known else "ode"
    parts = [
        pd.DataFrame({"x": frame[across], "y": frame[name], "series": label})
        for name, label in (
            ("ode", "exact divergence"),
            ("hutchinson", "Hutchinson, 1 probe"),
            ("hutchinson10", "Hutchinson, 10 probes"),
        )
        if name != across
    ]
    tidy = pd.concat(parts)
    series = {"exact divergence": 0, "Hutchinson, 1 probe": 4, "Hutchinson, 10 probes": 2}
    range_ = [tidy["x"].min(), tidy["x"].max()]
    dashed = {"type": "line", "color": "gray", "strokeDash": [5, 4]}
    equal = vega.layer(
        "equal", {"x": np.array(range_), "y": np.array(range_)}, dashed, x=vega.quantity("x"), y=vega.quantity("y")
    )
    places = vega.layer(
        "points",
        vega.columns_of(tidy),
        {"type": "point", "filled": True, "opacity": 0.6, "size": 30},
        x=vega.quantity("x", "log p in closed form" if known else "log p by the ODE", scale={"zero": False}),
        y=vega.quantity("y", "log p by the ODE", scale={"zero": False}),
        color=vega.dots({name: index for name, index in series.items() if name in set(tidy["series"])}),
    )
    vega.draw(
        equal + places,
        "Log-likelihood of true points by the probability-flow ODE against its exact value.",
        key="likelihood",
    )
    mean = {name: float(frame[name].mean()) for name in ("exact", "ode", "hutchinson", "hutchinson10")}
    st.caption(
        f"Mean log p of {len(frame)} true points: "
        + ", ".join(
            f"{label} {number(mean[name], digits=4)}"
            for name, label in (("exact", "closed form"), ("ode", "ODE"), ("hutchinson", "Hutchinson"))
            if name != "exact" or known
        )
        + "."
    )


def _training(config: DiffusionConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    draw_training(config)


def _score_error(config: DiffusionConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    frame = _study("score error", config, studies.score_error, "Comparing scores", OWN_BUDGET)
    two = 2 * frame["standard error"]
    parts = (("exact score", frame["score"], 0.0), ("error", frame["error"], two))
    tidy = pd.concat(
        [
            pd.DataFrame(
                {
                    "sigma": frame["sigma"],
                    "size": size,
                    "low": (size - margin).clip(lower=size / 10),
                    "high": size + margin,
                    "series": name,
                }
            )
            for name, size, margin in parts
        ]
    )
    tidy = tidy[tidy["size"] > 1e-7]
    vega.draw(
        charts.lines(
            tidy,
            "sigma",
            "size",
            {"exact score": EXACT, "error": 1},
            band=("low", "high"),
            log_x=True,
            x_title="noise level σ",
            y_title="σ × root mean square",
            log_y=True,
            points=True,
        ),
        "Error of the score with two standard errors, and the size of the exact score, at each noise level.",
        key="score-error",
    )
    largest = frame.loc[frame["error"].idxmax()]
    st.caption(
        f"Largest at σ = {number(largest['sigma'])}: {number(largest['error'])} ± "
        f"{number(largest['standard error'], digits=1)}, where the exact score is {number(largest['score'])}; "
        "over 1,000 points of the data with noise."
    )
    if config.score == "exact" and not config.score_error:
        st.caption("This score is exact: its error is rounding. Choose a learned one, or bend it, to see more.")


def _paths(config: DiffusionConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    frame = tables["grid"]
    vega.draw(
        charts.lines(
            frame[frame["sigma"] > 0],
            "evaluations",
            "sigma",
            _series(frame),
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


def _guidance(config: DiffusionConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    if tables["shares"].empty:
        st.info("These data have one class: there is none to ask for.")
        return
    frame = _study("guidance", config, studies.guidance_study, "Guiding at five weights")
    shown = frame.assign(w=frame["w"].map("{:g}".format)).set_index("w").rename(columns=NAMES)
    draw_table(shown, "What guidance samples beside the distribution it is often said to sample.")
    st.caption(
        "The guided flow does not sample p(x) p(c|x)^w: its spread and its place differ from that "
        "distribution's, by quadrature."
    )
