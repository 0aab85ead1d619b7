"""Training while one watches: a bar, the loss, an early look at the samples, and a way to stop.

The network is trained in the visitor's own run of the page, before the picture is made; the old picture stays until
then. A run that ends early (another control was turned) leaves a training that the next one takes up.
"""

from __future__ import annotations

from collections.abc import Callable

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from dashboard.parts import charts
from dashboard.parts.compute import cached
from demos.colors import EXACT
from demos.demo import Progress
from demos.diffusion.config import DiffusionConfig
from demos.diffusion.data import DataSet
from demos.diffusion.learned import Look, Training, TrainingConfig, abandon, needed, remembered, train_on
from demos.diffusion.simulate import data_of
from demos.payload import encode
from demos.picture import Panel, Picture, Points, Readout

HEIGHT, LEGEND = 280, 34  # px
TRUTHS = 500  # true points behind an early look
TRUE, MADE = "true points", "samples"


def train_here(config: DiffusionConfig, stop: Callable[[], None]) -> None:
    """Train the network that the config asks for, unless it is there already, and show how it goes, here.

    stop: what the button does; the training is forgotten then. What cannot be trained is left to the demo to refuse.
    """
    place = st.empty()  # always one element, so that what follows keeps its place on the page
    try:
        data = data_of(config)
        training = needed(config, data)
        if training is None or remembered(data, training) is not None:
            return
        with place.container(key="diffusion-training", gap="small"):
            _watched(data, training, config, stop)
    except ValueError:
        pass  # the run of the demo will say it
    place.empty()


def trained(config: DiffusionConfig) -> Training | None:
    """The training behind a config's network; None where it was not trained here."""
    data = data_of(config)
    training = needed(config, data)
    return None if training is None else train_on(data, training)


def _watched(data: DataSet, training: TrainingConfig, config: DiffusionConfig, stop: Callable[[], None]) -> None:
    def stopped() -> None:
        abandon(data, training)
        stop()

    bar, button = st.columns([5, 1], vertical_alignment="center")
    button.button("Stop", key="diffusion-stop", icon=":material/stop_circle:", on_click=stopped, width="stretch",
                  help="Forget this training; the picture goes back to what it was.")
    left, right = st.columns(2)
    loss, cloud = left.empty(), right.empty()

    def look(seen: Look) -> None:
        with loss:
            show_loss(seen.losses, training.steps)
        with cloud:
            _show_cloud(data, seen)

    def work(progress: Progress) -> bool:
        train_on(data, training, progress, look)
        return True

    with bar:
        own = config.word if config.data == "word" else config.points if config.data == "points" else ""
        label = f"Training a network, {training.steps:,} steps"
        cached(("diffusion training", config.data, own, training), work, label)


def show_loss(losses: pd.DataFrame, steps: int, height: int = HEIGHT) -> None:
    """The loss over the steps, the axis as long as the whole training."""
    frame = losses.assign(series="loss")
    chart = alt.Chart(frame).mark_line(strokeWidth=2.25, clip=True).encode(
        x=alt.X("step:Q", title="step", scale=alt.Scale(domain=[0, steps]), axis=alt.Axis(tickCount=4)),
        y=alt.Y("loss:Q", title="loss", axis=alt.Axis(tickCount=5), scale=alt.Scale(zero=True)),
        color=charts.colors({"loss": 0}))
    charts.show(chart, f"The training loss over {int(losses['step'].iloc[-1]):,} steps.", height=height)


def _show_cloud(data: DataSet, seen: Look) -> None:
    truth = data.sample(TRUTHS, 4)[0].numpy()
    frame = pd.concat([_points(truth, TRUE), _points(seen.cloud.numpy(), MADE)])
    box = alt.Scale(domain=[-data.view, data.view])
    chart = alt.Chart(frame).mark_circle(size=16, clip=True, opacity=0.7).encode(
        x=alt.X("x:Q", scale=box, axis=None), y=alt.Y("y:Q", scale=box, axis=None),
        color=charts.colors({TRUE: EXACT, MADE: 0}).legend(
            values=[TRUE, MADE], title=None, orient="top", symbolType="circle", symbolStrokeWidth=0))
    charts.show(chart.properties(width=HEIGHT - LEGEND), height=HEIGHT, width="content",
                alternative=f"What the network makes of noise after {seen.step:,} steps, over true points.")


def _points(points: np.ndarray, series: str) -> pd.DataFrame:
    return pd.DataFrame({"x": points[:, 0], "y": points[:, 1], "series": series})


def looks(data: DataSet, training: Training) -> bytes:
    """The early looks as a picture that moves over the steps of training, for the player."""
    clouds = np.stack([look.cloud.numpy() for look in training.looks])
    steps = np.array([look.step for look in training.looks], dtype=float)
    truth = np.broadcast_to(data.sample(TRUTHS, 4)[0].numpy().astype(np.float32), (len(steps), TRUTHS, 2))
    none = np.zeros(TRUTHS, np.uint8)
    layers = [Points("True points", truth, labels=none, label_names=(TRUE,), label_colors=(EXACT,), radius=2.4),
              Points("Samples", clouds, labels=none[:clouds.shape[1]], label_names=(MADE,), radius=2.4)]
    box = (-data.view, data.view)
    return encode(Picture([Panel(box, box, layers, x_label="x", y_label="y", equal=True)], Readout("step", steps),
                          seconds=4.0, alt="What the network makes of one noise, as it learns."), compact=True)
