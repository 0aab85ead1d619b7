"""The picture: both networks with the exact solution, and the sizes of their gradients."""

from __future__ import annotations

import numpy as np

from demos.common.numbers import counted
from demos.networks.pinn.config import PinnConfig
from demos.networks.pinn.train import Training
from demos.picture import Curve, Layer, Lines, Panel, Picture, Readout
from demos.picture.colors import EXACT

PLACES = 121  # points at which u is drawn, equally spaced
FIXED, BALANCED, RESIDUAL, BOUNDARY = 0, 1, 3, 2  # colours
HIGHEST = 4.0  # largest |u| that is drawn


def picture(config: PinnConfig, path: Training, places: np.ndarray, u: np.ndarray) -> Picture:
    """The picture. places (n,); u (F, 2, n): the values there in every frame."""
    logs = heights(path)
    ends = path.error[-1]
    return Picture(
        [
            functions(config, places, u),
            gradients(path, logs, 0, f"Gradients, λ = {config.weight:g}", FIXED),
            gradients(path, logs, 1, "Gradients, λ balanced", BALANCED),
        ],
        Readout("step", path.at.astype(float), digits=4),
        [
            Readout("error, fixed λ", path.error[path.at, 0]),
            Readout("error, balanced", path.error[path.at, 1]),
            Readout("λ, balanced", path.weight[path.at, 1]),
        ],
        seconds=8.0,
        alt=f"Two networks learn sin {config.frequency}πx from its equation; after "
        f"{counted(config.steps, 'step')} their errors "
        f"are {ends[0]:.2g} with a fixed weight of the boundary and {ends[1]:.2g} with a balanced one.",
    )


def functions(config: PinnConfig, places: np.ndarray, u: np.ndarray) -> Panel:
    reach = float(np.clip(1.1 * np.abs(u).max(), 1.3, HIGHEST))
    layers: list[Layer] = [
        Curve("sin kπx", places, np.sin(config.frequency * np.pi * places), dashed=True, color=EXACT),
        Curve("fixed λ", places, u[:, 0], color=FIXED),
        Curve("balanced", places, u[:, 1], color=BALANCED),
    ]
    return Panel((-1.0, 1.0), (-reach, reach), layers, title="u learned", x_label="x", y_label="u", weight=1.3)


def heights(path: Training) -> np.ndarray:
    """(2, S + 1, 2): log10 of |∇L_r| and of λ|∇L_b|, fixed and balanced."""
    return np.log10(np.maximum(np.stack((path.by_residual, path.weight * path.by_boundary)), 1e-12))


def gradients(path: Training, logs: np.ndarray, index: int, title: str, color: int) -> Panel:
    """The panel of one network's gradients up to the current step; both panels have the same axes."""
    count = len(path.error)
    every = np.unique(np.rint(np.linspace(0, count - 1, min(count, 300))).astype(int))
    lines = [np.stack((every, each[every, index]), -1) for each in logs]
    seen = every[None] <= path.at[:, None]
    moving = np.where(np.tile(seen, (1, 2))[:, :, None], np.concatenate(lines)[None], np.nan)
    low, high = float(logs.min()), float(logs.max())
    room = 0.06 * max(high - low, 0.5)
    layer = Lines(
        "gradients",
        moving,
        starts=len(every) * np.arange(2),
        labels=np.arange(2).astype(np.uint8),
        label_names=["|∇ℒᵣ|, residual", "λ|∇ℒ_b|, boundary"],
        label_colors=(RESIDUAL, BOUNDARY),
        width=1.6,
    )
    return Panel(
        (0.0, float(count - 1)),
        (low - room, high + room),
        [layer],
        title=title,
        x_label="step",
        y_label="length of the gradient",
        y_scale="log",
        color=color,
    )
