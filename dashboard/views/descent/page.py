"""Gradient flow and descent: `/descent`."""

import streamlit as st

from dashboard.frame.controls import Controls
from dashboard.frame.page import Frame
from dashboard.player.player import Drag, Drop, player
from dashboard.views.descent.charts import draw_charts
from demos.descent.dragging import follow, moved
from demos.descent.optimizers import LABELS, OPTIMIZERS
from demos.descent.starts import MOST_PLACES, text_of
from demos.descent.surfaces import FORMULA
from demos.picture import Patch
from demos.registry import family

controls = Controls(family("descent"))
config = controls.config


def rate_label(method: str) -> str:
    """The label of a method's rate, with the stability limit at the minimum of the largest curvature."""
    limit = config.limit_of(method)
    if not 0 < limit < float("inf"):
        return f"Rate of {LABELS[method]}"
    share = config.rate(method) / limit
    words = OPTIMIZERS[method].limit_formula or "2"
    return f"Rate of {LABELS[method]}: {share:.0%} of {words} = {limit:.3g}"


def dropped(drop: Drop) -> None:
    """The player's callback of a click: set the start there, or add one."""
    if drop.panel != 0:
        return
    x, y = round(drop.x, 4), round(drop.y, 4)
    if config.start == "places":
        places = [*config.places_given, (x, y)]
        if len(places) > MOST_PLACES:
            controls.refuse(f"There are {MOST_PLACES} starts already: begin anew, or choose a grid.")
            return
        controls.change(places=text_of(places))
        return
    controls.change(x0=x, y0=y, start=config.start if config.start == "line" else "point")


def following(drag: Drag) -> Patch:
    """The patch of the picture while a start is dragged: its paths from the present place."""
    return follow(config, drag.index, drag.x, drag.y, drag.resting)


def released(drag: Drag) -> None:
    """The player's callback at the end of a drag: set the start to the place where it was let go."""
    try:
        controls.put(moved(config, drag.index, drag.x, drag.y))
    except ValueError as problem:
        controls.refuse(str(problem))


frame = Frame(controls)
with frame.side:
    controls.draw("surface")
    if config.surface == FORMULA:
        controls.draw("formula")
        st.latex("E = " + config.landscape.formula)
    for name in ("condition", "angle", "methods", "steps"):
        controls.draw(name)
    for method in config.methods[:2]:
        controls.draw(f"lr_{method}", label=rate_label(method))
    if {"heavy_ball", "nesterov"} & set(config.methods):
        controls.draw("momentum")
with frame.picture:
    result = frame.run(
        lambda payload: player(
            payload, key="descent-player", on_click=dropped, while_dragging=following, on_drag=released
        )
    )
with frame.side:  # expanders, which are drawn after the picture because it is more urgent
    controls.draw_rest()
frame.report(result)
if not frame.picture_only:
    with frame.below:
        draw_charts(config, result.tables)
frame.close()
