"""Layers of a three-dimensional panel (one with `z`), which the visitor can rotate. Coordinates are the panel's.

All layers of a panel share one camera and are sorted by depth together: a nearer object covers a farther one of any
layer. F is the number of frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Spheres:
    """Spheres, and the bonds between them. positions (F, N, 3); a sphere is not drawn in frames where it is not finite.

    Colour: by `labels` or `values`, (N,) or (F, N), as for `demos.picture.Points`; else `color`.
    Bonds: `bonds` (K, 2), the indices of the joined pairs; or `bond_length`: in every frame, all pairs up to this
    distance are joined. Meant for N up to 300; at most 2,000.
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
    bond_length: float = 0.0  # 0: no bonds by distance
    bond_width: float = 0.12
    color: int = -2  # as for `demos.picture.Curve`; used if there are neither labels nor values
    shown: bool = True


@dataclass(frozen=True)
class Globe:
    """A translucent sphere around `center` that does not move. grid: also draw meridians and parallels."""

    name: str
    radius: float = 1.0
    center: tuple[float, float, float] = (0.0, 0.0, 0.0)
    grid: bool = False
    shown: bool = True


@dataclass(frozen=True)
class Cells:
    """Convex polygons on a sphere around `center`, with arcs of great circles as sides: Voronoi cells on the sphere.

    corners (V, 3): projected onto the sphere. starts (C,): the index of the first corner of each cell, rising from 0;
    each cell is closed. labels (C,): indices into `label_names`. label_colors: for each label an index into the
    categorical map, or -1 for no colour.
    frames (C,), sorted: the frame at which a cell appears; all cells shown disappear at the next frame at which any
    appear. None: all cells are shown in every frame.
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
    """A surface of revolution around the z axis through `center`, given by its profile.

    heights and radii, (M,) or, if it moves, (F, M): z and r of each node of the profile, z measured from the centre. z
    need not be monotone along the profile (a constant z is a disc). There is a gap at nodes that are not finite.
    """

    name: str
    heights: np.ndarray
    radii: np.ndarray
    center: tuple[float, float, float] = (0.0, 0.0, 0.0)
    color: int = -2  # as for `demos.picture.Curve`
    rings: bool = True  # draw a wire along both ends
    shown: bool = True
