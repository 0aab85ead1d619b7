"""Trains a network on the page: with a progress bar, the loss, early samples, and a button that stops it.

The network is trained in the visitor's own run of the page, before the picture is computed; the old picture stays until
then. If the run ends early, because the visitor changed another control, the next run continues the training.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.frame import vega
from dashboard.player.player import player
from dashboard.runtime.run import cached, one_at_a_time
from demos.common.numbers import counted, number
from demos.diffusion.config import DiffusionConfig
from demos.diffusion.data import DataSet
from demos.diffusion.learned import Snapshot, Training, TrainingConfig, abandon, needed, remembered, shipped, train_on
from demos.diffusion.learned.quality import least_nll
from demos.diffusion.setup import data_of
from demos.picture import Panel, Picture, Points, Readout
from demos.picture.colors import EXACT
from demos.picture.payload import encode

HEIGHT, LEGEND = 280, 34  # px
TRUE_POINTS = 500  # true points drawn behind early samples
TRUE, MADE = "true points", "samples"


def train_here(config: DiffusionConfig, surround: Callable[[], None], stop: Callable[[], None]) -> None:
    """Train the network that the config asks for, unless it is trained already, and show its progress here.

    surround: draws the rest of the page before a training. stop: called by the Stop button after it is dropped. Where
    the config cannot be trained, nothing is done, because the run of the demo will refuse it.
    """
    place = st.empty()  # made in every run, so that all later elements keep their place on the page
    try:
        data = data_of(config)
        training = needed(config, data)
        if training is None or remembered(data, training) is not None:
            return
        surround()
        with place.container(key="diffusion-training", gap="small"):
            _train_in_view(data, training, config, stop)
    except ValueError:
        pass  # the run of the demo will raise it again, and the page reports it there
    place.empty()


def draw_training(config: DiffusionConfig) -> None:
    """Draw the tab about a config's network: how it was trained, its loss and its early samples."""
    if config.score == "exact":
        st.info("The exact score has nothing to learn. Choose a learned one beside the picture.")
        return
    data = data_of(config)
    wanted = needed(config, data)
    if wanted is None:
        _draw_shipped(data, config)
        return
    training = _trained(data, wanted, config)  # from the cache, unless it was evicted meanwhile
    left, right = st.columns([3, 2])
    with left:
        _draw_loss(training.losses, training.config.steps, vega.HEIGHT)
        st.caption(
            "Mean squared error of the network's target: the mean of the batch behind each noised point, which "
            "varies by 0.1 to 0.8 where the plain target varies by 1 (denoising) or 2 (flows). Below "
            "the noise of the batch, the averaged weights still gain."
        )
    with right:
        # Cached by everything that the picture depends on: for the same bytes the player does not start anew.
        payload = cached(
            ("diffusion looks", data.name, config.word, config.points, training.config),
            lambda progress: _looks(data, training),
            "Drawing",
        )
        player(payload, key="training-player", height=380)
        st.caption("One noise, as the network learns: the early looks, and the end.")


def _draw_shipped(data: DataSet, config: DiffusionConfig) -> None:
    file = shipped(data.name, config.score)
    found = file.metrics
    st.markdown(
        f"These weights ship with the project: {counted(file.config.steps, 'step')} of a network with "
        f"{file.config.layers} × {file.config.width} neurons, made again by"
    )
    st.code(f"python -m demos.diffusion.learned.train_all --data {data.name} --objective {config.score} --again")
    rows = {
        "sliced W2": (found["sliced W2"], None, found["sliced floor"]),
        "−⟨log p⟩, nats": (found["NLL"], found["NLL error"], least_nll(data, found["NLL points"])),
    }
    if "support" in found:
        rows["share inside the squares"] = (found["support"], found["support error"], 1.0)
    frame = pd.DataFrame(rows, index=["measured", "standard error", "best"]).T
    digits = {"standard error": 2}
    written = frame.apply(
        lambda column: column.map(
            lambda value: "" if pd.isna(value) else number(float(value), digits=digits.get(column.name, 4))
        )
    )
    st.table(written, alt="What was measured of the shipped weights, beside the best that can be reached.")
    st.caption(
        f"Sliced W2 of {found['sliced points']:,} points, and that of two true samples. −⟨log p⟩ of "
        f"{found['NLL points']:,} true points by the network, and by their own distribution: the same points, so that "
        "the difference is less uncertain than each. Choose “Trained here” beside the picture to train such a "
        "network now, and watch."
    )


def _train_in_view(data: DataSet, training: TrainingConfig, config: DiffusionConfig, stop: Callable[[], None]) -> None:
    def stopped() -> None:
        abandon(data, training)
        stop()

    bar, button = st.columns([5, 1], vertical_alignment="center")
    button.button(
        "Stop",
        key="diffusion-stop",
        icon=":material/stop_circle:",
        on_click=stopped,
        width="stretch",
        help="Forget this training; the picture goes back to what it was.",
    )
    left, right = st.columns(2)
    loss, cloud = left.empty(), right.empty()

    def look(seen: Snapshot) -> None:
        with loss:
            _draw_loss(seen.losses, training.steps)
        with cloud:
            _draw_cloud(data, seen)

    with bar:
        _trained(data, training, config, look)


def _trained(
    data: DataSet, training: TrainingConfig, config: DiffusionConfig, look: Callable[[Snapshot], None] | None = None
) -> Training:
    """The value of `train_on`, which has a cache of its own; computed in one of the places for heavy work, with a
    progress bar. look: called with early samples."""
    own = config.word if config.data == "word" else config.points if config.data == "points" else ""
    return one_at_a_time(
        ("diffusion training", config.data, own, training),
        lambda progress: train_on(data, training, progress, look),
        f"Training a network, {counted(training.steps, 'step')}",
    )


def _draw_loss(losses: pd.DataFrame, steps: int, height: int = HEIGHT) -> None:
    """Draw the loss over the steps. The axis reaches to `steps`, the end of the training."""
    chart = vega.layer(
        "losses",
        vega.columns_of(losses.assign(series="loss"), "step", "loss", "series"),
        {"type": "line", "clip": True, "strokeWidth": 2.25},
        x=vega.quantity("step", "step", scale={"domain": [0, steps]}, axis={"tickCount": 4}),
        y=vega.quantity("loss", "loss", axis={"tickCount": 5}, scale={"zero": True}),
        color=vega.colors({"loss": 0}),
    )
    vega.draw(chart, f"The training loss over {int(losses['step'].iloc[-1]):,} steps.", height=height)


def _draw_cloud(data: DataSet, seen: Snapshot) -> None:
    true_points = data.sample(TRUE_POINTS, 4)[0].numpy()
    frame = pd.concat([_points(true_points, TRUE), _points(seen.cloud.numpy(), MADE)])
    box = {"scale": {"domain": [-data.view, data.view]}, "axis": None}
    chart = vega.layer(
        "cloud",
        vega.columns_of(frame),
        {"type": "circle", "clip": True, "opacity": 0.7, "size": 16},
        x=vega.quantity("x", **box),
        y=vega.quantity("y", **box),
        color=vega.dots({TRUE: EXACT, MADE: 0}),
    )
    vega.draw(
        chart.with_(width=HEIGHT - LEGEND),
        height=HEIGHT,
        width="content",
        alternative=f"What the network makes of noise after {counted(seen.step, 'step')}, over true points.",
    )


def _points(points: np.ndarray, series: str) -> pd.DataFrame:
    return pd.DataFrame({"x": points[:, 0], "y": points[:, 1], "series": series})


def _looks(data: DataSet, training: Training) -> bytes:
    """The player's payload of the early samples, as a picture whose clock is the step of the training."""
    clouds = np.stack([look.cloud.numpy() for look in training.snapshots])
    steps = np.array([look.step for look in training.snapshots], dtype=float)
    true_points = np.broadcast_to(
        data.sample(TRUE_POINTS, 4)[0].numpy().astype(np.float32), (len(steps), TRUE_POINTS, 2)
    )
    none = np.zeros(TRUE_POINTS, np.uint8)
    layers = [
        Points("True points", true_points, labels=none, label_names=(TRUE,), label_colors=(EXACT,), radius=2.4),
        Points("Samples", clouds, labels=none[: clouds.shape[1]], label_names=(MADE,), radius=2.4),
    ]
    box = (-data.view, data.view)
    return encode(
        Picture(
            [Panel(box, box, layers, x_label="x", y_label="y", equal=True)],
            Readout("step", steps),
            seconds=4.0,
            alt="What the network makes of one noise, as it learns.",
        ),
        compact=True,
    )
