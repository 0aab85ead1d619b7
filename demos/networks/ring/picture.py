"""The picture: made points beside the ring, the discriminator behind them, shares of the modes, ratio of gradients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demos.networks.ring import law
from demos.networks.ring.config import RingConfig
from demos.networks.ring.train import VIEW, Trained
from demos.picture import Curve, Field, Layer, Lines, Panel, Picture, Points, Readout
from demos.picture.colors import EXACT

COLORS = (1, 0)
REACH = (1e-3, 1e3)  # of the ratio that is drawn


@dataclass(frozen=True)
class Kind:
    """One GAN on the picture; label: "" where it is alone."""

    config: RingConfig
    trained: Trained
    label: str

    def clouds(self) -> list[law.Cloud]:
        return [law.cloud(points, self.config.sigma) for points in self.trained.points]


def picture(kinds: list[Kind], clouds: list[list[law.Cloud]], true: np.ndarray) -> Picture:
    """clouds: of each GAN and frame; true (N, 2): points of the ring to show."""
    at = kinds[0].trained.at
    panels = [plane(kind, true, COLORS[index]) for index, kind in enumerate(kinds)]
    panels += [shares(kinds, clouds), ratios(kinds, at)]
    words = " beside ".join(
        f"{kind.label or 'a GAN'} that holds {each[-1].held} of 8 modes"
        for kind, each in zip(kinds, clouds, strict=True)
    )
    return Picture(
        panels,
        Readout("step", at.astype(float), digits=4),
        [
            Readout(
                f"modes held · {kind.label}" if kind.label else "modes held", np.array([c.held for c in each]) + 0.0
            )
            for kind, each in zip(kinds, clouds, strict=True)
        ],
        seconds=8.0,
        alt=f"Points that a generator makes move about a ring of eight modes: at the end {words}.",
    )


def plane(kind: Kind, true: np.ndarray, color: int) -> Panel:
    trained, sigma = kind.trained, kind.config.sigma
    turn = np.linspace(0, 2 * np.pi, 33)
    circle = law.NEAR * sigma * np.stack((np.cos(turn), np.sin(turn)), -1)
    circles = (law.CENTRES[:, None] + circle).reshape(-1, 2)
    layers: list[Layer] = []
    if trained.fields is not None:
        layers.append(
            Field(
                "2σ(D) − 1", 2 * trained.fields - 1, colors="diverging", limits=(-1.0, 1.0), at=trained.looks,
                opacity=0.35,
            )
        )  # fmt: skip
    frames = len(trained.at)
    both = np.concatenate((np.broadcast_to(true[None], (frames, *true.shape)), trained.points), 1)
    labels = np.repeat([0, 1], [len(true), trained.points.shape[1]]).astype(np.uint8)
    layers += [
        Lines("3σ about a mode", circles, starts=len(turn) * np.arange(law.MODES), color=EXACT, width=1.0),
        Points("Points", both, labels=labels, label_names=["true", "made"], label_colors=[EXACT, color], radius=1.8),
    ]
    title = kind.label or "Made beside true"
    return Panel((-VIEW, VIEW), (-VIEW, VIEW), layers, title=title, equal=True, color=color if kind.label else -1)


def shares(kinds: list[Kind], clouds: list[list[law.Cloud]]) -> Panel:
    edges = np.arange(law.MODES + 1) + 0.5
    layers: list[Layer] = [
        Curve(
            kind.label or "made", edges, np.array([cloud.shares for cloud in each]), stepped=True,
            filled=index == 0, color=COLORS[index],
        )
        for index, (kind, each) in enumerate(zip(kinds, clouds, strict=True))
    ]  # fmt: skip
    due = np.full(2, law.INSIDE / law.MODES)
    layers.append(Curve("true", edges[[0, -1]], due, dashed=True, color=EXACT))
    top = max(0.3, *(float(cloud.shares.max()) for each in clouds for cloud in each))
    return Panel(
        (0.5, law.MODES + 0.5), (0.0, 1.05 * top), layers, title="Share of each mode", subtitle="dashed: true points",
        x_label="mode", y_label="share",
    )  # fmt: skip


def ratios(kinds: list[Kind], at: np.ndarray) -> Panel:
    """log10 of |g| of the generator over the discriminator's, up to the clock."""
    step = np.arange(int(at[-1])) + 1.0
    layers: list[Layer] = [Curve("equal", np.array([0.0, step[-1]]), np.zeros(2), dashed=True, color=EXACT)]
    heights = [np.log10(smooth(kind.trained.ratio).clip(*REACH)) for kind in kinds]
    chosen = np.unique(np.rint(np.linspace(0, len(step) - 1, 300)).astype(int))
    for index, (kind, height) in enumerate(zip(kinds, heights, strict=True)):
        path = np.stack((step, height), -1)[chosen]
        moving = np.where((step[chosen] <= at[:, None])[..., None], path[None], np.nan)
        layers.append(Lines(kind.label or "|g| over |g|", moving, color=COLORS[index], width=1.5))
    low, high = min(-0.5, *map(np.min, heights)), max(0.5, *map(np.max, heights))
    return Panel(
        (0.0, float(at[-1])), (float(low) - 0.1, float(high) + 0.1), layers, title="Ratio of gradients",
        x_label="step", y_label="|g_G| / |g_D|", y_scale="log",
    )  # fmt: skip


def smooth(values: np.ndarray, size: int = 9) -> np.ndarray:
    """The median of `size` neighbours: single steps are noise of their batch."""
    padded = np.pad(values, size // 2, mode="edge")
    return np.median(np.lib.stride_tricks.sliding_window_view(padded, size), -1)
