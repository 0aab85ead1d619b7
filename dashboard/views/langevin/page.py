"""Langevin dynamics: `/langevin`."""

import math

import streamlit as st

from dashboard.frame.controls import Controls
from dashboard.frame.page import Frame
from dashboard.player.player import Drop, player
from dashboard.views.langevin.charts import show_charts
from demos.langevin.config import FORMULA, SAMPLERS, landscape_of
from demos.langevin.demo import equation_of
from demos.langevin.how import HOW
from demos.langevin.simulate import step_limit
from demos.registry import demo

DEMO = demo("langevin")
MAIN = ("potential", "formula", "method", "step", "temperature")

controls = Controls(DEMO.config, DEMO.name)
config = controls.config
landscape, row = landscape_of(config), SAMPLERS[config.method]
underdamped = row.momentum is not None


def step_label() -> str:
    """The step's name with its stability limit: marked, and named."""
    limit = step_limit(config)
    if math.isfinite(limit):
        return f"Step size h: {config.step / limit:.0%} of the limit {row.limit_formula} = {limit:.3g}"
    return "Step size h: no stability limit"


def dropped(drop: Drop) -> None:
    """A click starts the particles there."""
    start = config.start if config.start in ("point", "cloud") else "point"
    controls.change(x0=round(drop.x, 4), y0=round(drop.y, 4), start=start)


frame = Frame(DEMO, controls, equation=equation_of(config))
with frame.side:
    controls.show("potential")
    if config.potential == FORMULA:
        controls.show("formula")
        st.latex("U = " + landscape.formula)
    controls.show("method")
    controls.show("step", label=step_label())
    controls.show("temperature")
    if config.method == "hmc":
        controls.show("leapfrog_steps")
    if underdamped:
        controls.show("friction")
with frame.picture:
    result, _ = frame.run(lambda payload: player(payload, key="langevin-player", on_click=dropped))
with frame.side:  # folded: the picture goes first
    controls.show_rest(leave=MAIN)
frame.report(result)
if not frame.embedded:
    with frame.below:
        show_charts(config, result.tables)
frame.close(HOW)
