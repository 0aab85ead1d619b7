"""The picture: the cost of removing each unit against its prediction, during training."""

from __future__ import annotations

import numpy as np

from demos.common.numbers import counted
from demos.networks.sensitivity.config import SensitivityConfig
from demos.networks.sensitivity.importance import Importance
from demos.picture import Layer, Lines, Panel, Picture, Points, Readout
from demos.picture.colors import EXACT

COLORS = (1, 0)
FLOOR = 1e-8  # least value on a logarithmic axis


def picture(config: SensitivityConfig, steps: np.ndarray, losses: np.ndarray, found: list[Importance]) -> Picture:
    """The picture. steps, losses (F,); found: the importance in every frame."""
    removed, first, second = (
        np.array([getattr(each, part).ravel() for each in found]) for part in ("removed", "first", "second")
    )
    ends = f"the gradient predicts {np.abs(first[-1]).mean():.2g} on average, removing costs {removed[-1].mean():.2g}"
    return Picture(
        [scatter(removed, first, second), averages(steps, removed, first, second)],
        Readout("step", steps.astype(float), digits=4),
        [Readout("loss", losses), Readout("Δℒ, mean over units", removed.mean(1))],
        seconds=7.0,
        alt=f"Removing the units of a ReLU network, after {counted(int(steps[-1]), 'step')} of training: {ends}.",
    )


def scatter(removed: np.ndarray, first: np.ndarray, second: np.ndarray) -> Panel:
    """The panel of measured over predicted importance, to first and to second order; (F, 2n) each."""
    F, units = removed.shape
    largest = np.abs(np.stack((removed, first, second))).max((0, 2))
    reach = 1.1 * float(np.quantile(largest, 0.9))
    places = np.concatenate((np.stack((first, removed), -1), np.stack((second, removed), -1)), 1)
    layers: list[Layer] = [
        Lines("equal", np.array([[-reach, -reach], [reach, reach]]), dashed=True, color=EXACT),
        Points(
            "units",
            places,
            labels=np.repeat([0, 1], units).astype(np.uint8),
            label_names=["by the gradient", "to second order"],
            label_colors=COLORS,
            radius=4.0,
        ),
    ]
    return Panel(
        (-reach, reach),
        (-reach, reach),
        layers,
        title="Each unit, taken out",
        subtitle="dashed: as predicted",
        x_label="Δℒ predicted",
        y_label="Δℒ measured",
        equal=True,
    )


def averages(steps: np.ndarray, removed: np.ndarray, first: np.ndarray, second: np.ndarray) -> Panel:
    """The panel of log10 of the mean over units of |Δℒ|, up to the current step."""
    seen = steps[None] <= steps[:, None]
    paths = []
    for values in (first, second, removed):
        paths.append(np.stack((steps, np.log10(np.maximum(np.abs(values).mean(1), FLOOR))), -1))
    moving = np.where(np.tile(seen, (1, 3))[:, :, None], np.concatenate(paths)[None], np.nan)
    heights = np.concatenate(paths)[:, 1]
    room = 0.08 * max(float(np.ptp(heights)), 0.5)
    lines = Lines(
        "means",
        moving,
        starts=len(steps) * np.arange(3),
        labels=np.arange(3).astype(np.uint8),
        label_names=["by the gradient", "to second order", "measured"],
        label_colors=(*COLORS, -1),
    )
    return Panel(
        (float(steps[0]), float(steps[-1])),
        (float(heights.min()) - room, float(heights.max()) + room),
        [lines],
        title="While it learns",
        x_label="step",
        y_label="mean |Δℒ|",
        y_scale="log",
    )
