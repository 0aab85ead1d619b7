"""The picture: signals go forward layer by layer, gradients come back, beside what theory says; the phase map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demos.networks import phase_map
from demos.networks.config import NetworksConfig
from demos.networks.measure import Measured
from demos.networks.theory import Prediction
from demos.picture import Curve, Field, Layer, Lines, Markers, Panel, Picture, Points, Readout
from demos.picture.annotations import Mark
from demos.picture.colors import EXACT

HOLD = 2  # frames at the end, so that it does not end at the moment at which it is complete
COLORS = (0, 1)
LIMIT = 0.5  # of log10 χ, at the ends of the colours


@dataclass(frozen=True)
class Kind:
    """One kind of network on the picture."""

    config: NetworksConfig
    measured: Measured
    prediction: Prediction
    label: str


def picture(kinds: list[Kind]) -> Picture:
    """Two panels, and the phase map where it applies to all."""
    depth = kinds[0].config.depth
    passed = np.concatenate((np.arange(1, 2 * depth + 1), [2 * depth] * HOLD))
    # frame k has passed layers forward up to k + 1, then back down to 2L − k
    forward = np.minimum(passed, depth)
    back = np.where(passed > depth, 2 * depth + 1 - passed, depth + 1)
    panels = [
        _panel("Gradients come back", "log₁₀ |∂ℒ/∂z_l| − last", kinds, True, lambda layer: layer >= back[:, None]),
        _panel("Signals go forward", "log₁₀ size of z_l", kinds, False, lambda layer: layer <= forward[:, None]),
    ]
    if all(phase_map.applies(kind.config) for kind in kinds):
        panels.append(_map(kinds))
    names = " beside ".join(kind.config.words() for kind in kinds)
    return Picture(
        panels,
        Readout("layers passed", passed.astype(float)),
        seconds=6.0,
        alt=f"Sizes of signals and gradients in the {depth} layers of random networks: {names}.",
        marks=[Mark(float(depth), "back")],
    )


def _panel(title, y_label, kinds: list[Kind], gradient: bool, reached) -> Panel:
    layers: list[Layer] = []
    depth = kinds[0].config.depth
    x = np.arange(1, depth + 1, dtype=float)
    lows, highs = [], []
    for kind, color in zip(kinds, COLORS, strict=False):
        measured = kind.measured.gradient - kind.measured.gradient[:, -1:] if gradient else kind.measured.forward
        theory = kind.prediction.gradient if gradient else kind.prediction.forward
        spread = kind.prediction.spread if gradient else kind.prediction.forward_spread
        seen = reached(x[None, :])  # (F, L)
        suffix = f" · {kind.label}" if kind.label else ""
        layers += [
            Curve(f"Theory ± 2 sd{suffix}", x, theory - 2 * spread, color=EXACT, shown=False),
            Curve(f"Theory + 2 sd{suffix}", x, theory + 2 * spread, color=EXACT, shown=False),
            Curve(f"Theory{suffix}", x, theory, dashed=True, color=EXACT),
        ]
        points = np.stack(np.broadcast_arrays(x[None, :], measured), -1).reshape(1, -1, 2)
        mask = np.tile(seen, (1, len(measured)))
        moving = np.where(mask[:, :, None], points, np.nan)
        label = kind.label or "measured"
        count = moving.shape[1]
        layers.append(
            Points(
                f"Each network{suffix}",
                moving,
                labels=np.zeros(count, dtype=np.uint8),
                label_names=(label,),
                label_colors=(color,),
                radius=1.8,
            )
        )
        mean = np.stack((x, measured.mean(0)), -1)[None]
        path = np.where(seen[:, :, None], mean, np.nan)
        layers.append(Lines(f"Mean{suffix}", path, color=color, width=2.5))
        lows += [measured.min(), theory.min()]
        highs += [measured.max(), theory.max()]
    low, high = float(min(lows)), float(max(highs))
    room = 0.08 * max(high - low, 1.0)
    return Panel(
        (1.0, float(depth)),
        (low - room, high + room),
        layers,
        title=title,
        x_label="layer",
        y_label=y_label,
        weight=1.2,
    )


def _map(kinds: list[Kind]) -> Panel:
    """Where the networks stand; what is outside stands on the rim."""
    places, labels = [], []
    for kind in kinds:
        w, b = phase_map.place(kind.config)
        places.append((np.clip(w, *phase_map.SIGMA_W), np.clip(b, *phase_map.SIGMA_B)))
        labels.append(kind.label or "here")
    values = phase_map.phase_map(kinds[0].config.activation)
    field = Field("log₁₀ χ", values, colors="diverging", contours=[0.0], limits=(-LIMIT, LIMIT))
    marks = Markers("You are here", np.array(places), labels, ["dot"] * len(places))
    return Panel(
        phase_map.SIGMA_W,
        phase_map.SIGMA_B,
        [field, marks],
        title="Vanish | explode",
        subtitle="line: χ = 1",
        x_label="σ_w",
        y_label="σ_b",
        weight=0.8,
    )
