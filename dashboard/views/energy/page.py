"""Energy minimization of physical systems: `/energy`."""

import streamlit as st

from dashboard.frame.controls import Controls
from dashboard.frame.page import Frame
from dashboard.player.player import player
from dashboard.views.energy.charts import show_charts
from dashboard.views.energy.controls import not_for, own_data, step_label
from demos.registry import family

controls = Controls(family("energy"))
config = controls.config
row, hidden = config.row, not_for(config) | {"system"}

frame = Frame(controls, by="system")
data = own_data(controls)
with frame.side:
    st.latex("E = " + row.formula)
    for name in row.controls[: row.main]:
        if name not in hidden:
            controls.draw(name)
    controls.draw("method")
    if "step" not in hidden:
        controls.draw("step", label=step_label(config))
    data.upload()
    controls.draw_rest(leave=hidden)
with frame.picture:
    result = frame.run(lambda payload: player(payload, key="energy-player", on_stroke=data.stroke))
frame.report(result)
if not frame.embedded:
    with frame.below:
        show_charts(config, result.tables)
frame.close()
