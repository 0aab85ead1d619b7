"""The picture: the vector field of the game with the paths in it, and their distance from the equilibrium."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from demos.networks.gan.config import LOSSES, METHODS, GanConfig
from demos.networks.gan.game import downhill
from demos.picture import Arrows, Layer, Lines, Markers, Panel, Picture, Points, Readout
from demos.picture.colors import EXACT

FRAMES, ARROWS = 150, 15
COLORS = dict(zip(METHODS, (1, 0, 2, 4), strict=True))
SMALLEST, LARGEST = 1e-3, 1e3  # range of distances that is drawn


def picture(config: GanConfig, paths: Mapping[str, np.ndarray], wanted: Mapping[str, np.ndarray], exact: np.ndarray):
    """paths, wanted (K + 1, 2) of every method: as trained, and by the papers' updates; exact (K + 1, 2): the flow."""
    chosen = np.unique(np.rint(np.linspace(0, config.steps, FRAMES)).astype(int))
    start = float(np.hypot(config.theta, config.psi))
    largest = max(float(np.nanmax(np.abs(path))) for path in paths.values())
    reach = 1.15 * max(start, min(largest, 3.0 * start))
    plane = Panel(
        (-reach, reach),
        (-reach, reach),
        [
            arrows(config, reach),
            Lines("flow", exact, dashed=True, color=EXACT),
            Points(
                "training",
                np.stack([path[chosen] for path in paths.values()], 1),
                labels=np.arange(len(paths)).astype(np.uint8),
                label_names=[METHODS[name] for name in paths],
                label_colors=[COLORS[name] for name in paths],
                radius=5.0,
                trail=len(chosen),
            ),
            Markers("equilibrium", np.zeros((1, 2)), ["data"], ["cross"]),
        ],
        title="Each player follows its own gradient",
        subtitle="dashed: exact flow",
        x_label="θ, generator",
        y_label="ψ, discriminator",
        equal=True,
    )
    ends = ", ".join(f"{METHODS[name]} {np.hypot(*path[-1]):.3g}" for name, path in paths.items())
    return Picture(
        [plane, distances(config, paths, wanted, exact, chosen)],
        Readout("step", chosen.astype(float), digits=4),
        [Readout(METHODS[name], np.hypot(*path[chosen].T)) for name, path in paths.items()],
        seconds=8.0,
        alt=f"A Dirac-GAN ({LOSSES[config.loss]}) spirals about its equilibrium; distances at the end: {ends}.",
    )


def arrows(config: GanConfig, reach: float) -> Arrows:
    """The field on a grid, the longest arrow as long as the grid's spacing."""
    axis = np.linspace(-reach, reach, ARROWS + 2)[1:-1]
    places = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
    vectors = -downhill(config, torch.from_numpy(places)).numpy()
    vectors *= 1.1 * (axis[1] - axis[0]) / np.hypot(*vectors.T).max()
    return Arrows("field", places, vectors, shown=True)


def distances(
    config: GanConfig,
    paths: Mapping[str, np.ndarray],
    wanted: Mapping[str, np.ndarray],
    exact: np.ndarray,
    chosen: np.ndarray,
) -> Panel:
    """The panel of log10 of the distance from the equilibrium up to the current step; exact curves are dashed."""
    step = np.arange(config.steps + 1.0)
    logs = {name: height(path) for name, path in paths.items()}
    seen = step[None] <= chosen[:, None]
    moving = [np.where(seen[..., None], np.stack((step, log), -1)[None], np.nan) for log in logs.values()]
    known = [np.stack((step, height(path)), -1) for path in (*wanted.values(), exact)]
    starts = len(step) * np.arange(len(known))
    layers: list[Layer] = [
        Lines("exact flow, and predicted", np.concatenate(known), starts=starts, dashed=True, color=EXACT, width=1.5),
        Lines(
            "training",
            np.concatenate(moving, 1),
            starts=starts[:-1],
            labels=np.arange(len(paths)).astype(np.uint8),
            label_names=[METHODS[name] for name in paths],
            label_colors=[COLORS[name] for name in paths],
        ),
    ]
    values = np.concatenate([line[:, 1] for line in known])
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    room = 0.08 * max(high - low, 0.5)
    return Panel(
        (0.0, float(config.steps)),
        (low - room, high + room),
        layers,
        title="Distance from the equilibrium",
        subtitle="dashed: exact flow, and predicted",
        x_label="step",
        y_label="distance",
        y_scale="log",
    )


def height(path: np.ndarray) -> np.ndarray:
    """log10 of a path's distances, clipped to SMALLEST and LARGEST."""
    size = np.hypot(*path.T)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.log10(np.where((size >= SMALLEST) & (size <= LARGEST), size, np.nan))
