"""The changes of the picture while a start is dragged: the exact flow at every move; the methods too if they are fast
or the pointer rests."""

from __future__ import annotations

from collections.abc import Sequence

from demos.descent.config import DescentConfig
from demos.descent.flow import exact_flow
from demos.descent.optimizers import LABELS, WEIGHTS
from demos.descent.picture import flow_points, method_points, second_panel
from demos.descent.setup import Setup
from demos.descent.simulate import simulate
from demos.descent.starts import text_of
from demos.picture import Layer, Lines, Patch, Points

QUICK = 600.0  # the most work at every move, in steps of gradient descent: more paths take the browser too long
RTOL = 1e-6  # tolerance of the flow during a drag: a hundredth of a pixel


def moved(config: DescentConfig, index: int, x: float, y: float) -> DescentConfig:
    """The config after the handle `index` was moved to (x, y). Raises ValueError, with one sentence, if there
    is no such handle or no path can start there."""
    x, y = round(x, 4), round(y, 4)
    if config.start == "places":
        places = config.places_given
        if not 0 <= index < len(places):
            raise ValueError(f"There is no start {index + 1}.")
        places[index] = (x, y)
        return config.replace(places=text_of(places))
    if config.start == "line" and index == 1:
        return config.replace(x1=x, y1=y)
    return config.replace(x0=x, y0=y)


def follow(config: DescentConfig, index: int, x: float, y: float, resting: bool) -> Patch:
    """The patch of the picture for the moved start; resting: the pointer rests. Raises what `moved` raises."""
    setup = Setup.of(moved(config, index, x, y))
    if not resting and config.beside != "distance":
        quick = exact_flow(setup.surface, setup.starts, setup.frame_times, rtol=RTOL)
        setup.__dict__["exact"] = quick  # replaces the cached property: only at the frames' times, and less accurate
    work = sum(WEIGHTS.get(method, 1.0) * steps for method, steps in setup.steps.items())
    if not resting and work > QUICK:
        labels = [LABELS[method] for method in setup.steps]
        flow: list[Layer] = [flow_points(setup)]
        return Patch(layers={0: flow, 1: _moving(second_panel(setup, []).layers)}, hidden={0: labels, 1: labels})
    runs = simulate(setup)
    paths: list[Layer] = [flow_points(setup), *(method_points(setup, run) for run in runs)]
    return Patch(layers={0: paths, 1: _moving(second_panel(setup, runs).layers)})


def _moving(layers: Sequence[Layer]) -> list[Layer]:
    return [layer for layer in layers if isinstance(layer, Lines | Points)]
