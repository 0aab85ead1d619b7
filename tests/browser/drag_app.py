"""Two starts on a quadratic; the exact flow from each follows the pointer. For test_player_drag.py and bench_drag.py.

`?narrow=1` takes nothing beyond |x| ≤ 0.5: a page that does not take every place. With `?mirror=1` the other start is
always at the mirror image of the one that is dragged, each answer takes a while, and no steps are drawn meanwhile.
"""

import gc
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import streamlit as st

from dashboard.player.player import Drag, player
from dashboard.runtime.connection import send_at_once
from demos.picture import Curve, Field, Handles, Lines, Panel, Patch, Picture, Points, Readout
from demos.picture.payload import encode

KAPPA, FRAMES = 5.0, 101
T = np.linspace(0, 4, FRAMES)
STARTS = np.array([[-1.5, 0.8], [1.2, -0.7]])


def flow(start: np.ndarray, t: np.ndarray = T) -> np.ndarray:
    """The exact flow of E = (x² + κ y²) / 2 from `start` (…, 2): (len(t), …, 2)."""
    return start * np.exp(-np.multiply.outer(t, [1.0, KAPPA]).reshape(len(t), *(1,) * (start.ndim - 1), 2))


def energy(x: np.ndarray) -> np.ndarray:
    return (x[..., 0] ** 2 + KAPPA * x[..., 1] ** 2) / 2


def descent(start: np.ndarray, step: float = 0.3) -> np.ndarray:
    """Gradient descent from `start` (2,): the vertices (14, 2)."""
    return start * (1 - step * np.array([1.0, KAPPA])) ** np.arange(14)[:, None]


def parts(starts: np.ndarray) -> dict:
    """The layers that belong to the starts."""
    paths = np.concatenate([flow(start) for start in starts])
    return {
        "lines": Lines("exact flow", paths, starts=FRAMES * np.arange(len(starts)), color=-1),
        "points": Points("now", flow(starts), radius=5),
        "steps": Lines("gradient descent", descent(starts[0]), dots=3, color=1),
        "loss": Curve("loss", T, energy(flow(starts[0]))),
        "handles": Handles("starts", starts, ("left start", "right start"), (0, 5)),
        "readout": Readout("loss", energy(flow(starts[0]))),
    }


def picture(starts: np.ndarray) -> bytes:
    gx, gy = np.linspace(-2, 2, 96), np.linspace(-1.2, 1.2, 64)
    field = (gx**2 + KAPPA * gy[:, None] ** 2) / 2
    part = parts(starts)
    layers = [Field("E", field, contours=9, opacity=0.7), part["lines"], part["steps"], part["points"], part["handles"]]
    panels = [Panel((-2, 2), (-1.2, 1.2), layers, equal=True, clickable=True, x_label="x", y_label="y"),
              Panel((0, 4), (0, 4), [part["loss"]], title="Loss of the left start", x_label="t")]  # fmt: skip
    return encode(Picture(panels, Readout("t", T), [part["readout"]], alt="Two starts on a quadratic."))


@st.cache_resource(show_spinner=False)
def _prepare() -> None:
    """As in the dashboard (dashboard/setup.py)."""
    send_at_once()
    gc.collect()
    gc.freeze()


def run() -> None:
    state = st.session_state
    state["runs"] = state.get("runs", 0) + 1
    starts = state.setdefault("starts", STARTS.copy())

    narrow, mirror = "narrow" in st.query_params, "mirror" in st.query_params

    def moved(drag: Drag) -> np.ndarray:
        new = starts.copy()
        new[drag.index] = drag.x, drag.y
        if mirror:
            new[1 - drag.index] = -drag.x, -drag.y
        return new

    def follow(drag: Drag) -> Patch:
        if drag.y > 1.19:
            raise ValueError("There is no answer at the upper edge.")
        part = parts(moved(drag))
        layers = {0: [part["lines"], part["points"]], 1: [part["loss"]]}
        if mirror:
            layers[0].append(part["handles"])
            time.sleep(0.15)
        elif drag.resting:
            layers[0].append(part["steps"])
            return Patch(layers, [part["readout"]])
        return Patch(layers, [part["readout"]], hidden={0: ["gradient descent"]})

    def ended(drag: Drag) -> None:
        if not narrow or abs(drag.x) <= 0.5:
            state["starts"] = moved(drag)

    st.set_page_config(layout="wide")
    _prepare()
    player(
        picture(starts),
        key="player",
        while_dragging=follow,
        on_drag=ended,
        on_click=lambda drop: state.update(drop=drop),
    )
    st.write(f"Runs: {state['runs']}")
    st.write(f"Starts: {np.round(starts, 3).tolist()}")
    st.write(f"Dropped: {'drop' in state}")


if __name__ == "__main__":
    run()
