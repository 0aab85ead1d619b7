"""Gradients through neural networks: `/networks`."""

from dashboard.frame.controls import Controls
from dashboard.frame.page import Frame
from dashboard.frame.studies import draw_charts
from dashboard.player.player import player
from dashboard.views.networks.doctor import draw_findings, draw_own_run
from demos.registry import family

controls = Controls(family("networks"))
frame = Frame(controls, controls.draw_all)
with frame.picture:
    result = frame.run(lambda payload: player(payload, key="networks-player"))
frame.report(result)
if not frame.picture_only:
    with frame.below:
        found = result.tables.get("findings")
        doctor = {} if found is None else {"The doctor": lambda: draw_findings(found)}
        own = {"Your own run": lambda: draw_own_run("networks-run-file")}
        draw_charts(controls.demo, controls.config, result.tables, {}, first=doctor, last=own)
frame.close()
