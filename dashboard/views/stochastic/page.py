"""Stochastic gradient flow: `/stochastic`."""

from dashboard.frame.controls import Controls
from dashboard.frame.page import Frame
from dashboard.frame.studies import draw_charts
from dashboard.player.player import player
from demos.registry import family

controls = Controls(family("stochastic"))
frame = Frame(controls, controls.draw_all)
with frame.picture:
    result = frame.run(lambda payload: player(payload, key="stochastic-player"))
frame.report(result)
if not frame.picture_only:
    with frame.below:
        draw_charts(controls.demo, controls.config, result.tables, {})
frame.close()
