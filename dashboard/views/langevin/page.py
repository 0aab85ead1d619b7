"""Langevin dynamics: `/langevin`."""

import math

import streamlit as st

from dashboard.frame.controls import Controls
from dashboard.frame.page import Frame
from dashboard.player.player import Drop, player
from demos.langevin.potentials import FORMULA
from demos.langevin.samplers import SAMPLERS, has_momentum
from demos.langevin.setup import Setup
from demos.registry import family

MAIN = ("potential", "formula", "method", "step", "temperature")

controls = Controls(family("langevin"))
config = controls.config
setup, row = Setup.of(config), SAMPLERS[config.method]


def step_label() -> str:
    """The label of the step size, with the stability limit of the method."""
    limit = setup.step_limit(config.method)
    if math.isfinite(limit):
        return f"Step size h: {config.step / limit:.0%} of the limit {row.limit_formula} = {limit:.3g}"
    return "Step size h: no stability limit"


def dropped(drop: Drop) -> None:
    """The player's callback of a click: start the particles there."""
    start = config.start if config.start in ("point", "cloud") else "point"
    controls.change(x0=round(drop.x, 4), y0=round(drop.y, 4), start=start)


def draw_controls() -> None:
    controls.draw("potential")
    if config.potential == FORMULA:
        controls.draw("formula")
        st.latex("U = " + setup.landscape.formula)
    controls.draw("method")
    controls.draw("step", label=step_label())
    controls.draw("temperature")
    if config.method == "hmc":
        controls.draw("leapfrog_steps")
    if has_momentum(config.method):
        controls.draw("friction")


frame = Frame(controls, draw_controls)
with frame.picture:
    result = frame.run(lambda payload: player(payload, key="langevin-player", on_click=dropped))
with frame.side:  # expanders, which are drawn after the picture because it is more urgent
    controls.draw_rest(leave=MAIN)
frame.report(result)
if not frame.picture_only:
    from dashboard.views.langevin.charts import draw_charts  # with pandas, which a new server's first picture can spare

    with frame.below:
        draw_charts(config, result.tables)
frame.close()
