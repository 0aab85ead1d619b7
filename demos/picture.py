"""What the player shows: a picture that moves, as plain data.

A `Picture` is panels side by side over one shared clock. A panel is a stack of layers, drawn in order. Nothing in
here knows how it is drawn; `demos.payload` turns a picture into the bytes that travel to the browser.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Readout:
    """A number shown live while the picture plays: one value a frame."""

    label: str
    values: np.ndarray  # (F,)
    unit: str = ""
    digits: int = 3  # significant


@dataclass(frozen=True)
class Field:
    """A scalar field on a regular grid over the whole panel: background image and contour lines.

    values (H, W), row 0 at the bottom (lowest y); or (K, H, W) for a field that moves, its K frames spread evenly
    over the picture's frames (both ends included).
    """

    name: str
    values: np.ndarray
    colors: str = "sequential"  # or "diverging" (centred on 0)
    contours: int | Sequence[float] = 0  # how many lines, or their levels; only for a field that stands still
    shown: bool = True
    opacity: float = 1.0


@dataclass(frozen=True)
class Points:
    """A cloud of particles. positions (F, N, 2); a particle that is not finite in a frame is not drawn there.

    Colour is one accent, or by `labels` (N,) or (F, N) small whole numbers into `label_names` (the categorical
    map, in its order), or by `values` (N,) or (F, N) through the sequential map.
    """

    name: str
    positions: np.ndarray
    labels: np.ndarray | None = None
    label_names: Sequence[str] = ()
    values: np.ndarray | None = None
    value_name: str = ""
    radius: float = 2.2  # CSS pixels at a panel 600 px wide
    trail: int = 0  # length in frames of the path behind a particle; 0: none
    trails: int = 60  # how many particles leave a trail (the first ones)
    trail_shown: bool = True
    shown: bool = True


@dataclass(frozen=True)
class Arrows:
    """A vector field that stands still: origins (K, 2) and vectors (K, 2) in the panel's coordinates."""

    name: str
    origins: np.ndarray
    vectors: np.ndarray
    shown: bool = False


@dataclass(frozen=True)
class Markers:
    """Named places: positions (K, 2), a label and a symbol each ("minimum", "saddle", "cross")."""

    name: str
    positions: np.ndarray
    labels: Sequence[str]
    symbols: Sequence[str]
    shown: bool = True


@dataclass(frozen=True)
class Curve:
    """A curve y(x): x (n,), y (n,) or (F, n) for one that moves. `stepped` draws a histogram (x: n + 1 edges)."""

    name: str
    x: np.ndarray
    y: np.ndarray
    stepped: bool = False
    filled: bool = False
    dashed: bool = False
    color: int = -1  # index into the categorical map; -1: ink, -2: accent
    shown: bool = True


Layer = Field | Points | Arrows | Markers | Curve


@dataclass(frozen=True)
class Panel:
    """One set of axes: x and y are (low, high)."""

    x: tuple[float, float]
    y: tuple[float, float]
    layers: Sequence[Layer]
    title: str = ""
    subtitle: str = ""
    x_label: str = ""
    y_label: str = ""
    equal: bool = False  # one unit is as long in x as in y
    color: int = -1  # index into the categorical map of the title's key; -1: none
    clickable: bool = False  # a click reports its place: {"panel": i, "x": …, "y": …}
    weight: float = 1.0  # relative width
    row: int = 0  # panels of one row stand side by side; rows stand under each other
    height: float = 1.0  # relative height of its row (the largest of a row counts)


@dataclass(frozen=True)
class Picture:
    """Panels over one clock. Every moving layer has the clock's F frames (a moving Field may have fewer)."""

    panels: Sequence[Panel]
    clock: Readout  # the page's own quantity (t, σ, step, energy …), one value a frame
    readouts: Sequence[Readout] = field(default_factory=tuple)
    seconds: float = 6.0  # how long one play-through takes at speed 1
    alt: str = ""  # one sentence for those who cannot see it

    @property
    def frames(self) -> int:
        return len(self.clock.values)
