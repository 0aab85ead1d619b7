"""Gradient flow and descent: `/descent`. The landscapes, and demos of what they cannot show."""

from functools import partial
from typing import Any

from dashboard.frame.controls import Controls
from dashboard.frame.page import Frame
from dashboard.frame.studies import draw_charts
from dashboard.player.player import player
from dashboard.views.descent.charts import draw_landscape_charts
from dashboard.views.descent.landscape import Landscape
from demos.descent.config import DescentConfig
from demos.registry import family

controls = Controls(family("descent"))
landscape = Landscape(controls) if isinstance(controls.config, DescentConfig) else None
events: dict[str, Any] = {}
if landscape is not None:
    events = {
        "on_click": landscape.dropped,
        "while_dragging": landscape.following,
        "on_drag": landscape.released,
    }
frame = Frame(controls, landscape.draw_controls if landscape is not None else partial(controls.draw_group, "main"))
with frame.picture:
    result = frame.run(lambda payload: player(payload, key="descent-player", **events))
with frame.side:  # expanders, which are drawn after the picture because it is more urgent
    controls.draw_rest()
frame.report(result)
if not frame.picture_only:
    with frame.below:
        if landscape is not None:
            draw_landscape_charts(controls.config, result.tables)
        else:
            draw_charts(controls.demo, controls.config, result.tables, {})
frame.close()
