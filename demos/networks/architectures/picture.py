"""The picture: gradients and signals of both variants through the layers, and whether tokens stay apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demos.networks.architectures.config import KINDS, LABELS, ArchitecturesConfig
from demos.networks.architectures.law import Law
from demos.networks.architectures.measure import Measured
from demos.networks.bench.shapes import SIDE
from demos.picture import Field, Layer, Lines, Mark, Panel, Picture, Readout, Scale
from demos.picture.colors import EXACT

COLORS = (1, 0)
HOLD = 3  # repetitions of the last frame


@dataclass(frozen=True)
class Kind:
    """One variant on the picture."""

    variant: str
    measured: Measured
    law: Law


def picture(config: ArchitecturesConfig, kinds: list[Kind], image: np.ndarray) -> Picture:
    """The picture. image (SIDE, SIDE): one of the inputs of a CNN."""
    layers = len(kinds[0].law.gradient)
    passed = np.concatenate((np.arange(1, 2 * layers + 1), [2 * layers] * HOLD))
    x = np.arange(layers, dtype=float) if config.kind == "transformer" else np.arange(1.0, layers + 1)
    place = np.arange(1, layers + 1)[None]
    forward = place <= np.minimum(passed, layers)[:, None]
    back = place >= np.where(passed > layers, 2 * layers + 1 - passed, layers + 1)[:, None]
    of = lambda part: [(getattr(kind.measured, part), getattr(kind.law, part)) for kind in kinds]
    gradients = [(kind.measured.profile, kind.law.gradient) for kind in kinds]
    panels = [
        panel(config, "Gradients come back", "|∂ℒ/∂h| over the last layer's", x, gradients, back, "log"),
        panel(config, "Signals go forward", "size of h", x, of("forward"), forward, "log"),
    ]
    if config.kind == "transformer":
        panels.append(panel(config, "Tokens grow alike", "cosine between tokens", x, of("alike"), forward))
    else:
        field = Field("image", image, limits=(0.0, 1.0), crisp=True)
        panels.append(
            Panel((0.0, float(SIDE)), (0.0, float(SIDE)), [field], title="What it sees", equal=True, weight=0.7)
        )
    ends = ", ".join(f"{LABELS[kind.variant]} {kind.measured.profile[:, 0].mean():.2f}" for kind in kinds)
    return Picture(
        panels,
        Readout("layers passed", passed.astype(float)),
        seconds=6.0,
        alt=f"{KINDS[config.kind]} of {config.blocks} blocks: log₁₀ of the first gradient over the last: {ends}.",
        marks=[Mark(float(layers), "back")],
    )


def panel(config, title: str, y_label: str, x: np.ndarray, pairs: list, seen: np.ndarray, y_scale: Scale = "") -> Panel:
    """A panel of profiles. pairs: measured (K, S) and theoretical (S,) of each variant; seen (F, S): whether a layer is
    already shown in a frame."""
    size, lines = len(x), [np.stack((x, one), -1) for measured, _ in pairs for one in measured]
    known = [np.stack((x, law), -1) for _, law in pairs]
    moving = np.where(np.tile(seen, (1, len(lines)))[:, :, None], np.concatenate(lines)[None], np.nan)
    layers: list[Layer] = [
        Lines(
            "networks",
            moving,
            starts=size * np.arange(len(lines)),
            width=1.2,
            dots=1.5,
            labels=np.repeat(np.arange(len(pairs)), config.networks).astype(np.uint8),
            label_names=[LABELS[variant] for variant in config.variants],
            label_colors=COLORS,
        ),
        Lines(
            "theory", np.concatenate(known), starts=size * np.arange(len(known)), dashed=True, color=EXACT, width=2.5
        ),
    ]
    heights = np.concatenate([line[:, 1] for line in (*lines, *known)])
    heights = heights[np.isfinite(heights)]
    low, high = float(heights.min()), float(heights.max())
    room = 0.06 * max(high - low, 0.3)
    label = "layer" if config.kind == "cnn" else "sublayer"
    return Panel(
        (float(x[0]), float(x[-1])), (low - room, high + room), layers, title=title, subtitle="dashed: theory",
        x_label=label, y_label=y_label, y_scale=y_scale,
    )  # fmt: skip
