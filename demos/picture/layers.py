"""A moving picture as plain data: `Picture`, `Panel` and the layers in the plane.

A `Picture` consists of panels that share one clock. A panel is a stack of layers, drawn in order. These classes do not
depend on how they are drawn: `demos.picture.payload` encodes a picture for the player in the browser. F is the number
of frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from demos.picture.annotations import Annotation, Mark
from demos.picture.handles import Handles
from demos.picture.space import Cells, Globe, Spheres, Surface

__all__ = [
    "Arrows",
    "Cells",
    "Curve",
    "Field",
    "Globe",
    "Handles",
    "Layer",
    "Lines",
    "Markers",
    "Panel",
    "Picture",
    "Points",
    "Readout",
    "Spheres",
    "Surface",
]


@dataclass(frozen=True)
class Readout:
    """A number that is shown and updated while the picture plays: one value for each frame."""

    label: str
    values: np.ndarray  # (F,)
    unit: str = ""
    digits: int = 3  # significant


@dataclass(frozen=True)
class Field:
    """A scalar field on a regular grid over the whole panel: background image and contour lines.

    values: (H, W), row 0 at the bottom (lowest y); or (K, H, W) for a moving field, whose K frames are spread evenly
    over the picture's F frames (both ends included) or placed at the rising frame numbers `at` (K,). The browser
    interpolates between them, so that K may be small: a coarsening phase field of 256 x 256 points takes 3.2 MB in
    120 frames and 1.5 MB in 40; one of 128 x 128 points in 40 frames takes 0.4 MB.

    colors: "sequential"; "diverging", centred on 0; "cyclic" for angles in radians, modulo 2π. limits: the values at
    the ends of the colour map (values beyond take the colour of the end); None: the lowest and highest of all frames.
    strength: opacity from 0 to 1, shaped like values; for example the density of a condensate whose phase is shown.
    ends: words at the ends of the legend's colour scale, where the values are numbers of classes; None: the limits.
    """

    name: str
    values: np.ndarray
    colors: str = "sequential"
    contours: int | Sequence[float] = 0  # the number of lines, or their levels; only for a field that does not move
    shown: bool = True
    opacity: float = 1.0
    at: np.ndarray | None = None
    limits: tuple[float, float] | None = None
    strength: np.ndarray | None = None
    ends: tuple[str, str] | None = None
    crisp: bool = False  # True: each value fills a square cell of the panel; False: a value at each grid node


@dataclass(frozen=True)
class Points:
    """A cloud of particles. positions (F, N, 2); a particle is not drawn in frames in which it is not finite.

    Colour: the accent colour; or by `labels`, (N,) or (F, N) indices into `label_names`; or by `values`, (N,) or
    (F, N), through the sequential map. Labels take the colours of the categorical map in order, or those of
    `label_colors`: a colour index for each label, -1: the text colour.
    """

    name: str
    positions: np.ndarray
    labels: np.ndarray | None = None
    label_names: Sequence[str] = ()
    values: np.ndarray | None = None
    value_name: str = ""
    radius: float = 2.2  # CSS pixels, for a panel 600 px wide
    trail: int = 0  # length in frames of the recent path drawn behind a particle; 0: none
    trails: int = 60  # the number of particles with a trail (the first ones)
    trail_shown: bool = True
    shown: bool = True
    label_colors: Sequence[int] = ()


@dataclass(frozen=True)
class Arrows:
    """A vector field: origins (K, 2); vectors (K, 2) or, if it moves, (F, K, 2), in the panel's coordinates.

    by_angle: for spins; all arrows have the same length, are centred on their origins, and have the colour of their
    direction in the cyclic map.
    """

    name: str
    origins: np.ndarray
    vectors: np.ndarray
    shown: bool = False
    by_angle: bool = False


@dataclass(frozen=True)
class Markers:
    """Named points: positions (K, 2) or, if they move, (F, K, 2); a label and a symbol for each.

    Symbols: "minimum", "saddle", "cross", "dot", "ring", "plus" and "minus" (charges of vortices). A point is not drawn
    in frames in which it is not finite. The motion between two frames is not interpolated for a point that moves by
    more than a tenth of the panel.
    """

    name: str
    positions: np.ndarray
    labels: Sequence[str]
    symbols: Sequence[str]
    shown: bool = True


@dataclass(frozen=True)
class Curve:
    """A curve y(x): x (n,), y (n,) or, if it moves, (F, n). stepped: a histogram; x: its n + 1 bin edges."""

    name: str
    x: np.ndarray
    y: np.ndarray
    stepped: bool = False
    filled: bool = False
    dashed: bool = False
    color: int = -1  # index into the categorical map; -1: the text colour, -2: the accent colour
    shown: bool = True


@dataclass(frozen=True)
class Lines:
    """Polylines: chains, paths, level sets. positions (M, 2) or, if they move, (F, M, 2).

    starts (L,): the index of the first vertex of each line, rising from 0; None: all vertices form one line. A line has
    a gap at a vertex that is not finite. Colour: `color`, or one for each line by `labels` or `values`, (L,) or (F, L),
    as for `Points`.
    """

    name: str
    positions: np.ndarray
    starts: np.ndarray | None = None
    closed: bool = False
    filled: bool = False
    width: float = 2.0  # CSS pixels
    dots: float = 0.0  # CSS pixels: the radius of a disc on every vertex; 0: none
    dashed: bool = False
    color: int = -1  # as for Curve
    labels: np.ndarray | None = None
    label_names: Sequence[str] = ()
    label_colors: Sequence[int] = ()
    values: np.ndarray | None = None
    value_name: str = ""
    shown: bool = True


Scale = Literal["", "log", "log2", 2, 3]
"""How an axis is drawn: it has log₁₀ or log₂ of what its label names, or the root of this order; its ticks are numbers
of what the label names."""

Layer = Field | Points | Arrows | Markers | Curve | Lines | Handles | Spheres | Globe | Cells | Surface


@dataclass(frozen=True)
class Panel:
    """One set of axes: x and y are (low, high).

    With `z` the panel is three-dimensional, for the layers of `demos.picture.space`. It has no axes and is rotated by
    dragging; the camera looks at the centre of the box, and its view just holds a sphere whose diameter is the box's
    longest side.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    layers: Sequence[Layer]
    title: str = ""
    subtitle: str = ""
    x_label: str = ""
    y_label: str = ""
    x_scale: Scale = ""
    y_scale: Scale = ""
    equal: bool = False  # equal scales: one unit has the same length in x and in y
    color: int = -1  # index into the categorical map for the coloured key before the title; -1: no key
    clickable: bool = False  # a click is reported as {"panel": i, "x": …, "y": …}
    weight: float = 1.0  # relative width
    row: int = 0  # panels with the same number are side by side; the rows are below each other
    height: float = 1.0  # relative height of its row: the largest of the panels in it
    z: tuple[float, float] | None = None
    view: tuple[float, float] = (30.0, 20.0)  # degrees: azimuth and elevation of the camera at the start
    brush: bool = False  # the visitor can paint strokes on it; each stroke is reported when it ends
    pickable: bool = False  # a click near a particle shows its whole path, and is reported with its index
    captions: Sequence[str] = ()  # text in the corner of the plot, one for each frame
    annotations: Sequence[Annotation] = ()  # text at points of a two-dimensional panel


@dataclass(frozen=True)
class Picture:
    """Panels that share one clock. Every moving layer has the clock's F frames (a moving `Field` may have fewer).

    marks: labels on the timeline. computed: the indices of the frames that were computed, rising; the others are
    interpolated, which the player states. (): every frame was computed.
    """

    panels: Sequence[Panel]
    clock: Readout  # the quantity that orders the frames (t, σ, step, energy …), one value for each frame
    readouts: Sequence[Readout] = field(default_factory=tuple)
    seconds: float = 6.0  # the time that one play-through takes at speed 1
    alt: str = ""  # one sentence for screen readers
    marks: Sequence[Mark] = ()
    computed: Sequence[int] = ()

    @property
    def frames(self) -> int:
        return len(self.clock.values)

    def _repr_html_(self) -> str:
        """HTML that plays the picture in a notebook."""
        from demos.picture.payload import encode  # late: both import this module
        from demos.picture.player.page import State, document, frame

        return frame(document([State(encode(self, compact=True))], self.alt or "A moving picture"))
