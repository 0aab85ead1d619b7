"""The page of `fake_demo`. It uses every part of the dashboard as a real page does."""

import pandas as pd
import streamlit as st

from dashboard.frame import charts, vega
from dashboard.frame.controls import Controls
from dashboard.frame.page import Frame
from dashboard.player.player import player
from demos.contract import Family
from tests.dashboard.fake_demo import FAKE

controls = Controls(Family.of(FAKE))
frame = Frame(controls, controls.draw_all)
with frame.picture:
    result = frame.run(lambda payload: player(payload, key="fake-player"))
frame.report(result)
if not frame.picture_only:
    with frame.below:
        decay = result.tables["decay"]
        both = pd.concat(
            [
                decay.assign(y=decay["mean"], low=decay["mean"] - 0.05, high=decay["mean"] + 0.05, series="measured"),
                decay.assign(y=decay["exact"], low=decay["exact"], high=decay["exact"], series="exact"),
            ]
        )
        left, right = st.columns(2, gap="medium")
        with left:
            chart = charts.lines(
                both, "t", "y", {"measured": 0, "exact": 7}, band=("low", "high"), dashed=["exact"], y_title="mean of x"
            )
            vega.draw(chart, "The mean of x decays exponentially, as the exact curve does.", "The mean over time")
        with right:
            steps = [0.01, 0.02, 0.05, 0.1, 0.2]
            sweep = pd.DataFrame(
                [{"h": h, "bias": 0.3 * h, "error": 0.002, "series": "Euler–Maruyama"} for h in steps]
                + [{"h": h, "bias": 0.4 * h**2, "error": 0.0005, "series": "Leimkuhler–Matthews"} for h in steps]
            )
            chart = charts.orders(
                sweep, "h", "bias", {"Euler–Maruyama": 0, "Leimkuhler–Matthews": 1}, error="error",
                fits={"Euler–Maruyama": (1.0, 0.3), "Leimkuhler–Matthews": (2.0, 0.4)}, x_title="step size h",
            )  # fmt: skip
            vega.draw(chart, "The bias falls with the step size, with slopes 1 and 2.", "Bias against step size")
frame.close()
