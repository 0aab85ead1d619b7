"""The picture: the answers of all schedules in the plane, and their losses with the exact ones."""

from __future__ import annotations

import numpy as np

from demos.picture import Field, Lines, Panel, Picture, Points, Readout
from demos.picture.colors import EXACT
from demos.picture.panels import growing
from demos.stochastic.schedules.config import SCHEDULES, SchedulesConfig
from demos.stochastic.schedules.law import Law, curvatures, forgotten_after, least

SHOWN, GRID = 80, 61  # chains of each schedule that are drawn; points a side of the landscape
IN_PLANE = ("constant", "cosine", "polyak", "free")
LEAST, MOST = 1e-9, 1e9  # range of losses that is drawn


def picture(
    config: SchedulesConfig,
    steps: np.ndarray,
    runs: dict[str, np.ndarray],
    losses: dict[str, np.ndarray],
    laws: dict[str, Law],
) -> Picture:
    """The picture. steps (F,); for each schedule runs (F, n, 2) and losses (F, n)."""
    names = list(runs)
    logs = {name: logarithm(losses[name].mean(1)) for name in names}
    return Picture(
        [plane(config, runs), over_steps(config, steps, logs, laws)],
        Readout("step", steps.astype(float), digits=6),
        [Readout(SCHEDULES[name], 10 ** logs[name]) for name in ("constant", "cosine", "polyak")],
        seconds=8.0,
        alt="Losses of seven schedules: "
        + ", ".join(f"{SCHEDULES[name]} {10 ** logs[name][-1]:.3g}" for name in names)
        + ".",
    )


def logarithm(values: np.ndarray) -> np.ndarray:
    return np.log10(np.clip(np.nan_to_num(values, nan=MOST, posinf=MOST), LEAST, MOST))


def plane(config: SchedulesConfig, runs: dict[str, np.ndarray]) -> Panel:
    # warm-up ends on the very places of a constant rate, and clouds of seven colours cover each other
    names, h = [name for name in runs if name in IN_PLANE], curvatures(config)
    spread = 4 * np.sqrt(config.noise**2 / config.batch * min(config.lr, 1.8) / (2 - min(config.lr, 1.8)))
    low, high = -max(float(spread), 0.3 * config.start), 1.1 * config.start
    axis = np.linspace(low, high, GRID)
    field = 0.5 * (h[0] * axis[None] ** 2 + h[1] * axis[:, None] ** 2)
    points = np.concatenate([runs[name][:, :SHOWN] for name in names], 1)
    shown = runs[names[0]].shape[1] if runs[names[0]].shape[1] < SHOWN else SHOWN
    return Panel(
        (low, high),
        (low, high),
        [
            Field("loss", field, contours=10),
            Points(
                "chains",
                np.clip(np.nan_to_num(points, nan=1e6), -1e6, 1e6).astype(np.float32),
                labels=np.repeat(np.arange(len(names)), shown).astype(np.uint8),
                label_names=[SCHEDULES[name] for name in names],
                label_colors=[list(runs).index(name) for name in names],
                radius=2.2,
            ),
        ],
        x_label="x (steep)",
        y_label="y (flat)",
        equal=True,
    )


def over_steps(config: SchedulesConfig, steps: np.ndarray, logs: dict[str, np.ndarray], laws: dict[str, Law]) -> Panel:
    names, frames = list(logs), len(steps)
    x = np.log10(np.maximum(steps, 0.7))
    exact = np.stack([logarithm(np.sum(laws[name].parts(), 0)[steps]) for name in names])
    known = np.stack((np.broadcast_to(x, exact.shape), exact), -1).astype(np.float32)
    bound = bound_over_steps(config)
    low, high = float(min([exact.min(), *bound[-1:, 1]])), float(exact.max())
    room = 0.08 * (high - low)
    return Panel(
        (float(x[0]), float(x[-1]) + 0.05),
        (low - room, high + room),
        [
            Lines(
                "exact",
                known.reshape(-1, 2),
                starts=np.arange(len(names)) * frames,
                dashed=True,
                color=EXACT,
                width=1.2,
            ),
            *([Lines("least possible (Cramér–Rao)", bound, color=-1, width=1.0)] if len(bound) else []),
            Lines(
                "SGD",
                growing(x, np.stack([logs[name] for name in names], 1)),
                starts=np.arange(len(names)) * frames,
                labels=np.arange(len(names), dtype=np.uint8),
                label_names=[SCHEDULES[name] for name in names],
                width=2.0,
            ),
        ],
        x_label="step",
        x_scale="log",
        y_label="loss",
        y_scale="log",
        title="Mean loss, dashed: exact",
        weight=1.3,
    )


def bound_over_steps(config: SchedulesConfig) -> np.ndarray:
    """(2, 2) the ends of the line of the Cramér–Rao bound ½ tr(C H⁻¹)/k over the step k, in logarithms, from the step
    `forgotten_after` on; (0, 2) where there is none, or no noise."""
    first = forgotten_after(config)
    if first is None or first == config.steps or not config.noise:
        return np.empty((0, 2))
    return np.log10([[k, max(least(config, k), LEAST)] for k in (first, config.steps)])
