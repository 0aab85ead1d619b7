"""Layers of a panel in space (one with `z`): bodies that the visitor turns. Everything is in the panel's coordinates.

All layers of a panel share one camera and one order of depth: what is nearer covers what is farther, whatever the
layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Spheres:
    """Balls, and the bonds between them. positions (F, N, 3); one that is not finite in a frame is not drawn there.

    Colour: as for `demos.picture.Points`, by `labels` or `values`, (N,) or (F, N).
    Bonds: `bonds` (K, 2), the indices of those that are joined; or `bond_length`, the distance up to which any two
    are joined, found anew in every frame. Meant for N up to 300; at most 2,000.
    """

    name: str
    positions: np.ndarray
    radius: float | np.ndarray = 0.4  # or (N,)
    labels: np.ndarray | None = None
    label_names: Sequence[str] = ()
    label_colors: Sequence[int] = ()
    values: np.ndarray | None = None
    value_name: str = ""
    bonds: np.ndarray | None = None
    bond_length: float = 0.0  # 0: none
    bond_width: float = 0.12
    color: int = -2  # as for `demos.picture.Curve`, where neither labels nor values colour them
    shown: bool = True


@dataclass(frozen=True)
class Globe:
    """A translucent ball around `center`, with meridians and parallels where `grid` says so; it stands still."""

    name: str
    radius: float = 1.0
    center: tuple[float, float, float] = (0.0, 0.0, 0.0)
    grid: bool = False
    shown: bool = True


@dataclass(frozen=True)
class Cells:
    """Convex polygons on a sphere around `center`, joined by great circles: Voronoi cells of points on it.

    corners (V, 3), on the sphere or off it (they are moved onto it); starts (C,): the corners at which cells begin,
    rising from 0, each cell closed. labels (C,) are small whole numbers into `label_names`; `label_colors` gives each
    label a colour of the categorical map, or -1 for none.
    frames (C,), never falling: the frame at which a cell appears; it stands until the next frame at which any do.
    None: all cells stand in every frame.
    """

    name: str
    corners: np.ndarray
    starts: np.ndarray
    labels: np.ndarray | None = None
    label_names: Sequence[str] = ()
    label_colors: Sequence[int] = ()
    frames: np.ndarray | None = None
    radius: float = 1.0
    center: tuple[float, float, float] = (0.0, 0.0, 0.0)
    shown: bool = True


@dataclass(frozen=True)
class Surface:
    """A surface of revolution around the z axis through `center`: its profile, from one end to the other.

    heights and radii are (M,) or, moving, (F, M): z and r of each node of the profile, z measured from the centre; a
    profile may turn back or stand still in z (a disc). Where it is not finite there is a gap.
    """

    name: str
    heights: np.ndarray
    radii: np.ndarray
    center: tuple[float, float, float] = (0.0, 0.0, 0.0)
    color: int = -2  # as for `demos.picture.Curve`
    rings: bool = True  # wires along both ends
    shown: bool = True
