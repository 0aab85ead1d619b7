"""Charts about the score: its error, log-likelihoods, and the same starting noise integrated at several λ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.frame import charts, vega
from dashboard.frame.studies import draw_table
from dashboard.player.player import player
from dashboard.views.diffusion.chart_parts import FLOOR, OWN_BUDGET, study, with_floor
from demos.common.numbers import number
from demos.diffusion import studies
from demos.diffusion.bridge import bridge
from demos.diffusion.config import DiffusionConfig
from demos.picture.colors import EXACT
from demos.picture.payload import encode

BEYOND = (0.1, 0.25, 0.5, 2.0, 4.0, 8.0, 16.0)  # third λ to choose, beside 0 (the ODE) and 1 (the reverse SDE)


def draw_bridge(config: DiffusionConfig, tables: Mapping[str, pd.DataFrame]) -> None:
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
    distances, paths, payload = study(f"bridge {third}", config, follow, "Following the same noise at three λ")
    player(payload, key="bridge-player", height=480)
    left, right = st.columns(2)
    series = {name: index for name, index in zip(pd.unique(distances["series"]), (0, 3, 1, 6, 2), strict=False)}
    with left:
        shown = with_floor(distances[distances["sigma/σ_data"] > 0], "sigma/σ_data", "sliced W2")
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


def draw_likelihood(config: DiffusionConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    frame = study("likelihood", config, studies.likelihood_study, "Integrating the divergence", OWN_BUDGET)
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


def draw_score_error(config: DiffusionConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    frame = study("score error", config, studies.score_error, "Comparing scores", OWN_BUDGET)
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
