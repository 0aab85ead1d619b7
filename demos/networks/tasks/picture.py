"""The picture: the losses of both variants, gradients layer by layer, and what each says where which class is right."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np

from demos.networks.bench.shapes import SHAPES
from demos.networks.tasks.config import LABELS, TasksConfig
from demos.networks.tasks.train import Trained
from demos.picture import Curve, Field, Layer, Lines, Panel, Picture, Readout
from demos.picture.colors import EXACT

COLORS = (1, 0)
LOWEST = -8.0  # log10 of a gradient that is drawn


@dataclass(frozen=True)
class Kind:
    """One variant on the picture."""

    variant: str
    trained: Trained


def picture(config: TasksConfig, kinds: list[Kind]) -> Picture:
    """One row: loss, gradients, and what each variant says."""
    steps = max((kind.trained.steps for kind in kinds), key=len)
    panels = [losses(kinds, steps), gradients(kinds, steps)]
    panels += [said(config, kind, len(steps), COLORS[index]) for index, kind in enumerate(kinds)]
    ends = ", ".join(f"{LABELS[kind.variant]} {kind.trained.looks[-1].right:.0%}" for kind in kinds)
    return Picture(
        panels,
        Readout("step", steps.astype(float), digits=4),
        [Readout(f"right · {LABELS[kind.variant]}", rights(kind, len(steps))) for kind in kinds],
        seconds=7.0,
        alt=f"Two networks of {config.blocks} blocks learn; right answers on fresh examples at the end: {ends}.",
    )


def rights(kind: Kind, frames: int) -> np.ndarray:
    looks = kind.trained.looks
    return np.interp(np.arange(frames), [look.row for look in looks], [look.right for look in looks])


def losses(kinds: list[Kind], steps: np.ndarray) -> Panel:
    chance, layers = log(kinds[0].trained.task.classes), []
    top = 1.3 * chance
    for index, kind in enumerate(kinds):
        x, y = blocks(kind.trained.losses)
        path = np.stack((x, np.minimum(y, 4 * top)), -1)
        seen = np.where((x[None] <= steps[:, None])[..., None], path[None], np.nan)
        layers.append(Lines(LABELS[kind.variant], seen, color=COLORS[index], width=1.5))
    ends = np.array([0.0, float(steps[-1])])
    layers.append(Curve("chance", ends, np.full(2, chance), dashed=True, color=EXACT))
    return Panel(
        (0.0, float(steps[-1])), (0.0, top), layers, title="Loss of the batch", subtitle="dashed: chance",
        x_label="step", y_label="loss",
    )  # fmt: skip


def blocks(losses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Middle steps and means of blocks of four steps or more."""
    size = max(4, len(losses) // 100)
    count = max(1, len(losses) // size)
    size = min(size, len(losses))
    x = np.arange(count) * size + (size - 1) / 2
    return x, losses[: count * size].reshape(count, size).mean(1)


def gradients(kinds: list[Kind], steps: np.ndarray) -> Panel:
    """log10 |∂ℒ/∂θ| of each matrix, first to last, moving; the first step stays."""
    layers: list[Layer] = []
    starts: list[Layer] = []  # last: the legend names the first layers, where there is no room for all
    low, high = 0.0, -1.0
    for index, kind in enumerate(kinds):
        values = np.maximum(np.nan_to_num(kind.trained.profile(), nan=LOWEST, neginf=LOWEST), LOWEST)
        x = np.arange(1.0, values.shape[1] + 1)
        values = np.concatenate((values, np.repeat(values[-1:], len(steps) - len(values), 0)))  # the end has none
        moving = np.stack((np.broadcast_to(x, values.shape), values), -1)
        name = LABELS[kind.variant]
        layers.append(Lines(name, moving, color=COLORS[index], width=1.5, dots=2.0))
        starts.append(Curve(f"{name}, first step", x, values[0], dashed=True, color=COLORS[index]))
        low, high = min(low, float(values.min())), max(high, float(values.max()))
    return Panel(
        (1.0, float(len(x))), (low - 0.2, high + 0.2), [*layers, *starts], title="Gradients",
        subtitle="dashed: first step", x_label="matrix", y_label="|∂ℒ/∂θ|", y_scale="log",
    )  # fmt: skip


def said(config: TasksConfig, kind: Kind, frames: int, color: int) -> Panel:
    """Row i: the mean probabilities where class i is right; a network that has learnt shows a diagonal."""
    looks, count = kind.trained.looks, kind.trained.task.classes
    at = np.array([look.row for look in looks])
    at[-1] = frames - 1
    field = Field("mean probability", np.array([look.said for look in looks]), limits=(0.0, 1.0), crisp=True, at=at)
    what = "token" if config.kind == "transformer" else ", ".join(SHAPES)
    return Panel(
        (0.5, count + 0.5), (0.5, count + 0.5), [field], title=LABELS[kind.variant], color=color,
        x_label="it says", y_label=f"right: {what}", weight=0.8,
    )  # fmt: skip
