"""What only the landscapes of /descent have: the rates' labels, and starts that are set by a click and dragged."""

from __future__ import annotations

import streamlit as st

from dashboard.frame.controls import Controls
from dashboard.player.player import Drag, Drop
from demos.descent.config import DescentConfig
from demos.descent.dragging import follow, moved
from demos.descent.optimizers import LABELS, OPTIMIZERS
from demos.descent.starts import MOST_PLACES, text_of
from demos.descent.surfaces import FORMULA
from demos.picture import Patch


class Landscape:
    """The controls beside the picture, and the player's callbacks. controls: of a page that shows a landscape."""

    def __init__(self, controls: Controls) -> None:
        self._controls, self._config = controls, controls.config
        assert isinstance(self._config, DescentConfig)

    def draw_controls(self) -> None:
        """Draw the controls that matter most; the others stay for `Controls.draw_rest`."""
        controls, config = self._controls, self._config
        controls.draw("surface")
        if config.surface == FORMULA:
            controls.draw("formula")
            st.latex("E = " + config.landscape.formula)
        for name in ("condition", "angle", "methods", "steps"):
            controls.draw(name)
        for method in config.methods[:2]:
            controls.draw(f"lr_{method}", label=self._rate_label(method))
        if {"heavy_ball", "nesterov"} & set(config.methods):
            controls.draw("momentum")

    def _rate_label(self, method: str) -> str:
        """The label of a method's rate, with the stability limit at the minimum of the largest curvature."""
        limit = self._config.limit_of(method)
        if not 0 < limit < float("inf"):
            return f"Rate of {LABELS[method]}"
        share = self._config.rate(method) / limit
        words = OPTIMIZERS[method].limit_formula or "the limit"
        return f"Rate of {LABELS[method]}: {share:.0%} of {words} = {limit:.3g}"

    def dropped(self, drop: Drop) -> None:
        """The player's callback of a click: set the start there, or add one."""
        if drop.panel != 0:
            return
        x, y = round(drop.x, 4), round(drop.y, 4)
        if self._config.start == "places":
            places = [*self._config.places_given, (x, y)]
            if len(places) > MOST_PLACES:
                self._controls.refuse(f"There are {MOST_PLACES} starts already: begin anew, or choose a grid.")
                return
            self._controls.change(places=text_of(places))
            return
        self._controls.change(x0=x, y0=y, start=self._config.start if self._config.start == "line" else "point")

    def following(self, drag: Drag) -> Patch:
        """The patch of the picture while a start is dragged: its paths from the present place."""
        return follow(self._config, drag.index, drag.x, drag.y, drag.resting)

    def released(self, drag: Drag) -> None:
        """The player's callback at the end of a drag: set the start to the place where it was let go."""
        try:
            self._controls.put(moved(self._config, drag.index, drag.x, drag.y))
        except ValueError as problem:
            self._controls.refuse(str(problem))
