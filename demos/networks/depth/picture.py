"""The picture: forward activations and backward gradients, layer by layer, with theory; the phase map."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from demos.networks.depth import phase_map
from demos.networks.depth.config import DepthConfig
from demos.networks.depth.measure import Measured
from demos.networks.theory import FiniteWidth, Prediction
from demos.picture import Field, Layer, Lines, Markers, Panel, Picture, Readout
from demos.picture.annotations import Mark
from demos.picture.colors import EXACT

HOLD = 2  # repetitions of the last frame
COLORS = (0, 1)
Reached = Callable[[np.ndarray], np.ndarray]
LIMIT = 0.5  # |log10 χ| at the ends of the colour scale


@dataclass(frozen=True)
class Kind:
    """One kind of network on the picture."""

    config: DepthConfig
    measured: Measured
    prediction: Prediction
    finite: FiniteWidth | None
    label: str

    def theory(self, part: str) -> tuple[np.ndarray, np.ndarray]:
        """(L,): what a typical network of this width has, and its spread; part: gradient or forward."""
        values = getattr(self.prediction, part)
        if self.finite is None:
            return values, self.prediction.spread if part == "gradient" else self.prediction.forward_spread
        return values + getattr(self.finite, f"{part}_shift"), getattr(self.finite, f"{part}_spread")


def picture(kinds: list[Kind]) -> Picture:
    """Two panels, and the phase map where it applies to all."""
    depth = kinds[0].config.depth
    passed = np.concatenate((np.arange(1, 2 * depth + 1), [2 * depth] * HOLD))
    # frame k shows the forward pass up to layer k + 1, then the backward pass down to layer 2L − k
    forward = np.minimum(passed, depth)
    back = np.where(passed > depth, 2 * depth + 1 - passed, depth + 1)
    panels = [
        _panel(
            "Gradients come back", "|∂ℒ/∂z_l| over the last layer's", kinds, True, lambda layer: layer >= back[:, None]
        ),
        _panel("Signals go forward", "size of z_l", kinds, False, lambda layer: layer <= forward[:, None]),
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


def _panel(title: str, y_label: str, kinds: list[Kind], gradient: bool, reached: Reached) -> Panel:
    """A panel of theory with its band, and of each network up to the current layer; `reached(layer)` (F, L)."""
    depth = kinds[0].config.depth
    x = np.arange(1, depth + 1, dtype=float)
    seen = reached(x[None, :])
    bands, theories, profiles = [], [], []
    for kind in kinds:
        theory, spread = kind.theory("gradient" if gradient else "forward")
        spread = 2 * spread
        bands.append(np.concatenate((_path(x, theory + spread), _path(x, theory - spread)[::-1])))
        theories.append(_path(x, theory))
        measured = kind.measured.gradient - kind.measured.gradient[:, -1:] if gradient else kind.measured.forward
        profiles += [_path(x, one) for one in measured]
    networks = kinds[0].config.networks
    moving = np.where(np.tile(seen, (1, len(profiles)))[:, :, None], np.concatenate(profiles)[None], np.nan)
    layers: list[Layer] = [
        Lines(
            "Theory ± 2 sd",
            np.concatenate(bands),
            starts=2 * depth * np.arange(len(kinds)),
            closed=True,
            filled=True,
            width=0.5,
            color=EXACT,
        ),
        Lines("Theory", np.concatenate(theories), starts=depth * np.arange(len(kinds)), dashed=True, color=EXACT),
        Lines(
            "Networks",
            moving,
            starts=depth * np.arange(len(profiles)),
            width=1.0,
            dots=1.5,
            labels=np.repeat(np.arange(len(kinds)), networks).astype(np.uint8),
            label_names=[kind.label or "each network" for kind in kinds],
            label_colors=COLORS[: len(kinds)],
        ),
    ]
    heights = np.concatenate([path[:, 1] for path in (*bands, *profiles)])
    low, high = float(heights.min()), float(heights.max())
    room = 0.05 * max(high - low, 0.5)
    return Panel(
        (1.0, float(depth)),
        (low - room, high + room),
        layers,
        title=title,
        subtitle="dashed: theory, ± 2 sd",
        x_label="layer",
        y_label=y_label,
        y_scale="log",
        weight=1.2,
    )


def _path(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.stack((x, y), -1)


def _map(kinds: list[Kind]) -> Panel:
    """The phase map with the positions of the networks; those outside are drawn on the border."""
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
        subtitle="χ: factor of |g|² a layer",
        x_label="σ_w",
        y_label="σ_b",
        weight=0.8,
    )
