"""The picture: the slope of the root as x goes to 0, and numbers that descend the distance."""

from __future__ import annotations

import numpy as np

from demos.networks.sqrt.config import CURES, SqrtConfig
from demos.picture import Lines, Panel, Picture, Readout
from demos.picture.colors import EXACT

FLOOR = -17.0  # position of x = 0 on the axis of log10 x
LOW, HIGH = -1.0, 9.5  # range of log10 of the slope


def picture(config: SqrtConfig, x: np.ndarray, slopes: np.ndarray, path: np.ndarray) -> Picture:
    """The picture. x, slopes (F,): by autograd; path (F, N)."""
    frames = len(x)
    with np.errstate(divide="ignore", invalid="ignore"):
        at = np.where(x > 0, np.log10(x), FLOOR)
        height = np.where(slopes > 0, np.log10(slopes), LOW)
    height = np.where(np.isnan(slopes), np.nan, np.clip(height, LOW, HIGH))
    known = np.array([[0.0, np.log10(0.5)], [FLOOR, np.log10(0.5) - FLOOR / 2]])
    seen = np.arange(frames)[None, :] <= np.arange(frames)[:, None]
    measured = np.where(seen[..., None], np.stack((at, height), -1)[None], np.nan)
    slope = Panel(
        (FLOOR, 0.0),
        (LOW, HIGH),
        [
            Lines("1/(2√x)", known, dashed=True, color=EXACT),
            Lines("by backward", measured, color=0, width=2.0, dots=1.8),
        ],
        title="Slope of the root",
        subtitle="x = 0 at the left end; nothing there: nan",
        x_label="x",
        x_scale="log",
        y_label="slope",
        y_scale="log",
    )
    count = path.shape[1]
    steps = np.arange(frames, dtype=float)
    lines = np.stack(np.broadcast_arrays(steps[None, :], path.T), -1)  # (N, F, 2)
    moving = np.where(seen[:, None, :, None], lines[None], np.nan).reshape(frames, count * frames, 2)
    reach = 1.1
    descent = Panel(
        (0.0, float(frames - 1)),
        (-reach, reach),
        [
            Lines("w", moving, starts=frames * np.arange(count), color=0, width=1.2),
            Lines("minimum", np.array([[0.0, 0.0], [float(frames - 1), 0.0]]), dashed=True, color=EXACT, width=1.0),
        ],
        title="Descent on the distance √(w²)",
        x_label="step",
        y_label="w",
        weight=1.3,
    )
    lost = np.isnan(path).sum(1).astype(float)
    return Picture(
        [slope, descent],
        Readout("step", steps),
        [Readout("lost to nan", lost)],
        seconds=6.0,
        alt=f"Slope of the root towards 0 with the cure {CURES[config.cure]}, and {count} numbers descending √(w²).",
    )
