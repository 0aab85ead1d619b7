"""Energy minimization of physical systems: `/energy`."""

import streamlit as st

from dashboard.frame.controls import Controls
from dashboard.frame.page import Frame
from dashboard.player.player import player
from dashboard.views.energy.charts import show_charts
from dashboard.views.energy.controls import not_for, own_data, step_label
from demos.physics.demo import DEMO, equation_of  # the old demo of all systems, until Controls takes a Family
from demos.physics.how import HOW

controls = Controls(DEMO.config, DEMO.name)
config = controls.config
row, hidden = config.row, not_for(config) | {"system"}

frame = Frame(DEMO, controls, by="system", equation=equation_of(config))
data = own_data(controls)
with frame.side:
    st.latex("E = " + row.formula)
    for name in row.controls[: row.main]:
        if name not in hidden:
            controls.show(name)
    controls.show("method")
    if "step" not in hidden:
        controls.show("step", label=step_label(config))
    data.upload()
    controls.show_rest(leave=hidden)
with frame.picture:
    result, _ = frame.run(lambda payload: player(payload, key="energy-player", on_stroke=data.stroke))
frame.report(result)
if not frame.embedded:
    with frame.below:
        show_charts(config, result.tables)
frame.close(HOW)
