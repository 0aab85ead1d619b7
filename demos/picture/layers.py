"""What the player shows: a picture that moves, as plain data.

A `Picture` is panels side by side over one shared clock. A panel is a stack of layers, drawn in order. Nothing in
here knows how it is drawn; `demos.picture.payload` turns a picture into the bytes that travel to the browser.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

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
    """A number shown live while the picture plays: one value a frame."""

    label: str
    values: np.ndarray  # (F,)
    unit: str = ""
    digits: int = 3  # significant


@dataclass(frozen=True)
class Field:
    """A scalar field on a regular grid over the whole panel: background image and contour lines.

    values (H, W), row 0 at the bottom (lowest y); or (K, H, W) for a field that moves, its K frames spread evenly
    over the picture's frames (both ends included) or standing at the rising places `at` (K,), counted in frames.
    The browser fades from one to the next, so that K may be small: of a coarsening phase field on 256 x 256 points,
    120 frames travel as 3.2 MB, 40 as 1.5 MB, and 40 on 128 x 128 as 0.4 MB.

    colors: "sequential"; "diverging", centred on 0; "cyclic" for angles in radians, of which only the direction
    counts. `limits` are the values at the ends of the colour map (those beyond take the colour of the end); None: the
    lowest and highest of all frames. `strength`, shaped like values, 0 … 1, lets a field fade into the paper, as
    a phase where the density is 0.
    """

    name: str
    values: np.ndarray
    colors: str = "sequential"
    contours: int | Sequence[float] = 0  # how many lines, or their levels; only for a field that stands still
    shown: bool = True
    opacity: float = 1.0
    at: np.ndarray | None = None
    limits: tuple[float, float] | None = None
    strength: np.ndarray | None = None
    crisp: bool = False  # each value is one square of a lattice that fills the panel; else values stand on its nodes


@dataclass(frozen=True)
class Points:
    """A cloud of particles. positions (F, N, 2); a particle that is not finite in a frame is not drawn there.

    Colour is one accent, or by `labels` (N,) or (F, N) small whole numbers into `label_names` (the categorical
    map, in its order or as `label_colors` says: an index for each label, -1 ink), or by `values` (N,) or (F, N)
    through the sequential map.
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
    label_colors: Sequence[int] = ()


@dataclass(frozen=True)
class Arrows:
    """A vector field: origins (K, 2); vectors (K, 2) or, moving, (F, K, 2) in the panel's coordinates.

    by_angle: all arrows are equally long, centred on their origins, and coloured by direction through the cyclic map
    (spins).
    """

    name: str
    origins: np.ndarray
    vectors: np.ndarray
    shown: bool = False
    by_angle: bool = False


@dataclass(frozen=True)
class Markers:
    """Named places: positions (K, 2) or, moving, (F, K, 2), a label and a symbol each.

    Symbols: "minimum", "saddle", "cross", "dot", "ring", "plus" and "minus" (charges of vortices). A place that is not
    finite in a frame is not drawn there; one that jumps by more than a tenth of the panel is not drawn on the way.
    """

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


@dataclass(frozen=True)
class Lines:
    """Polylines: chains, paths, level sets. positions (M, 2) or, moving, (F, M, 2).

    starts (L,): the vertices at which lines begin, rising from 0; None: all vertices are one line. A line has a gap
    where a vertex is not finite. Colour: `color`, or one for each line by `labels` or `values`, (L,) or (F, L), as for
    Points.
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


Layer = Field | Points | Arrows | Markers | Curve | Lines | Handles | Spheres | Globe | Cells | Surface


@dataclass(frozen=True)
class Panel:
    """One set of axes: x and y are (low, high).

    With `z` the panel is a view into space, for the layers of `demos.picture.space`, turned by dragging: no axes; the
    camera looks at the middle of the box, and sees a ball as wide as the box's longest side.
    """

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
    z: tuple[float, float] | None = None
    view: tuple[float, float] = (30.0, 20.0)  # degrees: where the camera stands first, around z and above the plane
    brush: bool = False  # strokes can be painted on it; each is reported when it ends
    pickable: bool = False  # a click near one of its points shows the point's whole path, and reports the point
    captions: Sequence[str] = ()  # words in the corner of the plot, one text a frame
    annotations: Sequence[Annotation] = ()  # words at features of a plane panel


@dataclass(frozen=True)
class Picture:
    """Panels over one clock. Every moving layer has the clock's F frames (a moving Field may have fewer).

    marks: moments on the timeline. computed: the frames that were computed, rising; what lies between them is drawn
    by interpolation, and the player says so. Empty: every frame was computed.
    """

    panels: Sequence[Panel]
    clock: Readout  # the page's own quantity (t, σ, step, energy …), one value a frame
    readouts: Sequence[Readout] = field(default_factory=tuple)
    seconds: float = 6.0  # how long one play-through takes at speed 1
    alt: str = ""  # one sentence for those who cannot see it
    marks: Sequence[Mark] = ()
    computed: Sequence[int] = ()

    @property
    def frames(self) -> int:
        return len(self.clock.values)

    def _repr_html_(self) -> str:
        """What a notebook shows of it: the player."""
        from demos.picture.payload import encode  # both are made of pictures
        from demos.picture.player.page import State, document, frame

        return frame(document([State(encode(self, compact=True))], self.alt or "A moving picture"))
