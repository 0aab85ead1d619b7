"""The picture: coefficients and effective α as they move, the test error, and the test error over the batch size."""

from __future__ import annotations

import numpy as np
import pandas as pd

from demos.common.numbers import counted
from demos.picture import Curve, Layer, Lines, Markers, Panel, Picture, Points, Readout
from demos.picture.colors import EXACT
from demos.picture.panels import growing
from demos.stochastic.diagonal.config import WEIGHTS, DiagonalConfig
from demos.stochastic.diagonal.error_map import replicas
from demos.stochastic.diagonal.problem import SIZE, Data, coefficients, log_alpha
from demos.stochastic.diagonal.recording import Run

COLORS = {"gradient flow": EXACT, "gradient descent": 0, "SGD": 2, "label noise": 1}
DECADES = 8.0  # decades of the effective α that are shown
LEAST, MOST = 1e-4, 1e2  # range of test errors that is drawn


def picture(config: DiagonalConfig, data: Data, run: Run, table: pd.DataFrame) -> Picture:
    shown = [name for name in run.methods if name != "label noise" or config.label_noise]
    states = {name: run.methods[name] for name in shown}
    errors = {
        name: np.log10(np.clip(np.nan_to_num(data.test_error(part).mean(1), nan=MOST), LEAST, MOST))
        for name, part in states.items()
    }
    noisy = shown[-1]
    on_map = config.label_noise > 0 and replicas(config) is not None  # then the map replaces the panel of α
    alphas = {name: log_alpha(part, config.alpha).mean((1, 2)) / 2 for name, part in states.items()}
    return Picture(
        [
            coefficients_panel(data, states),
            map_panel(config, table, errors[noisy]) if on_map else alpha_panel(config, states),
            error_panel(run.steps, errors),
        ],
        Readout("step", run.steps.astype(float), digits=6),
        [
            Readout("effective α", config.alpha * np.exp(np.nan_to_num(alphas[noisy], nan=0.0, posinf=0.0))),
            Readout("test error", 10 ** errors[noisy]),
            Readout("of gradient descent", 10 ** errors["gradient descent"]),
        ],
        seconds=8.0,
        alt=f"Coefficients of a diagonal linear network: after {counted(config.steps, 'step')} the test error is "
        f"{10 ** errors[noisy][-1]:.3g}, that of gradient descent {10 ** errors['gradient descent'][-1]:.3g}.",
    )


def by_coefficient(states: dict[str, np.ndarray], of_first: dict[str, np.ndarray], radius: float = 2.4) -> Points:
    """The layer of points over the index of the coefficient: of_first (F, d) of the first chain of each method."""
    names = list(states)
    index = np.arange(1, WEIGHTS + 1) + np.linspace(-0.25, 0.25, len(names))[:, None]
    positions = np.concatenate(
        [
            np.stack((np.broadcast_to(at, of_first[n].shape), of_first[n]), -1)
            for n, at in zip(names, index, strict=True)
        ],
        1,
    )
    return Points(
        "methods",
        positions.astype(np.float32),
        labels=np.repeat(np.arange(len(names)), WEIGHTS).astype(np.uint8),
        label_names=names,
        label_colors=[COLORS[name] for name in names],
        radius=radius,
    )


def coefficients_panel(data: Data, states: dict[str, np.ndarray]) -> Panel:
    first = {
        name: np.clip(np.nan_to_num(coefficients(part[:, 0])), -3 * SIZE, 3 * SIZE) for name, part in states.items()
    }
    spikes = np.flatnonzero(data.truth)
    return Panel(
        (0.0, WEIGHTS + 1.0),
        (-1.35 * SIZE, 1.35 * SIZE),
        [
            by_coefficient(states, first),
            Markers(
                "true", np.stack((spikes + 1.0, data.truth[spikes]), 1), [""] * len(spikes), ["ring"] * len(spikes)
            ),
        ],
        title="Coefficients β, true ones in rings",
        x_label="coefficient",
        y_label="β",
        weight=1.3,
    )


def alpha_panel(config: DiagonalConfig, states: dict[str, np.ndarray]) -> Panel:
    start = np.log10(config.alpha)
    first = {
        name: start + np.clip(np.nan_to_num(log_alpha(part[:, 0], config.alpha), neginf=-99) / 2 / np.log(10), -99, 2)
        for name, part in states.items()
    }
    lowest = min(float(np.quantile(values[-1], 0.02)) for values in first.values())
    low = max(start - DECADES, min(start - 0.8, lowest - 0.3))
    return Panel(
        (0.0, WEIGHTS + 1.0),
        (float(low), float(start + 0.2)),
        [by_coefficient(states, first, radius=2.0)],
        title="Effective α = √|w v| of each coefficient",
        x_label="coefficient",
        y_label="α",
        y_scale="log",
        weight=1.3,
    )


def error_panel(steps: np.ndarray, errors: dict[str, np.ndarray]) -> Panel:
    logs = np.log10(np.maximum(steps, 0.7))
    lowest = min(float(values.min()) for values in errors.values())
    highest = max(float(values[0]) for values in errors.values())
    return Panel(
        (float(logs[0]), float(logs[-1]) + 0.1),
        (max(lowest - 0.2, -4.0), highest + 0.5),
        [
            Lines(
                "test error",
                growing(logs, np.stack(list(errors.values()), 1)),
                starts=np.arange(len(errors)) * len(steps),
                labels=np.arange(len(errors), dtype=np.uint8),
                label_names=list(errors),
                label_colors=[COLORS[name] for name in errors],
                width=2.0,
            )
        ],
        title="Test error |β − β*|²",
        x_label="step",
        x_scale="log",
        y_label="test error",
        y_scale="log",
    )


def map_panel(config: DiagonalConfig, table: pd.DataFrame, errors: np.ndarray) -> Panel:
    """The panel of the shipped test errors over B for each learning rate, with this run's current error."""
    layers: list[Layer] = []
    for i, (name, part) in enumerate(table.groupby("series", sort=False)):
        near = abs(np.log(part["rate"].iloc[0] / config.lr)) < 0.05
        x, y = np.log2(part["batch"].to_numpy()), np.log10(part["error"].to_numpy())
        layers.append(Curve(str(name), x, y, dashed=not near, color=(3, 4, 5, 6)[i % 4]))
    logs = np.log10(table["error"].to_numpy())
    low, high = min(float(logs.min()), float(errors[-1])) - 0.2, max(float(logs.max()), float(errors[-1])) + 0.4
    inside = np.where(errors < high, errors, np.nan)  # a run starts far above the range of the map
    place = np.stack((np.full(len(errors), np.log2(config.batch)), inside), 1)[:, None]
    layers.append(Markers("this run", place, ["this run"], ["dot"]))
    return Panel(
        (-0.3, float(np.log2(table["batch"].max())) + 0.3),
        (low, high),
        layers,
        title="With label noise after 20,000 steps, over B",
        x_label="batch size B",
        x_scale="log2",
        y_label="test error",
        y_scale="log",
    )
