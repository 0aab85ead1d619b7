"""Encoders of the three-dimensional layers: each adds the layer's arrays to the store and returns its header entries.

They raise ValueError for a layer that does not fit, with a sentence that begins with `where`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from demos.picture import Cells, Globe, Panel, Spheres, Surface
from demos.picture.payload.arrays import Json, Store, colors, need, numbers, positions, starts_of

MOST = 2_000  # spheres: more cannot be sorted and shaded within the time of a frame


def spheres(store: Store, spheres: Spheres, panel: Panel, frames: int, where: str) -> Json:
    places = np.asarray(spheres.positions)
    fits = places.ndim == 3 and places.shape[0] == frames and places.shape[2] == 3
    need(fits, f"{where}: positions have the shape {places.shape}; ({frames}, N, 3) is needed.")
    count = places.shape[1]
    need(count <= MOST, f"{where}: {count:,} balls are more than {MOST:,}.")
    radius = numbers(where, spheres.radius)
    sized = radius.shape in ((), (count,)) and bool(np.all(np.isfinite(radius))) and bool(np.all(radius > 0))
    need(sized, f"{where}: the radius must be one positive number, or {count} of them.")
    rest: Json = {"bond_width": float(spheres.bond_width), "bond_length": float(spheres.bond_length)}
    rest["color"] = spheres.color
    need(0 <= rest["bond_length"] < np.inf, f"{where}: bonds cannot be {rest['bond_length']:g} long.")
    if spheres.bonds is not None:
        bonds = numbers(where, spheres.bonds)
        pairs = bonds.ndim == 2 and bonds.shape[1] == 2
        known = pairs and bool(np.all((bonds >= 0) & (bonds < count) & (bonds == np.round(bonds))))
        need(known, f"{where}: bonds must be (K, 2) whole numbers from 0 to {count - 1}.")
        rest["bonds"] = store.add(bonds, "u2")
    rest["radius"] = store.add(np.broadcast_to(radius, (count,)), "f4")
    rest["positions"] = positions(store, places, [panel.x, panel.y, panel.z or panel.y])
    return rest | colors(store, spheres, frames, count, where)


def globe(store: Store, globe: Globe, panel: Panel, frames: int, where: str) -> Json:
    return {**_ball(globe, where), "grid": globe.grid}


def cells(store: Store, cells: Cells, panel: Panel, frames: int, where: str) -> Json:
    corners = numbers(where, cells.corners)
    fits = corners.ndim == 2 and corners.shape[1] == 3 and bool(np.all(np.isfinite(corners)))
    need(fits, f"{where}: corners have the shape {corners.shape}; finite (V, 3) is needed.")
    rest = _ball(cells, where)
    outward = corners - rest["center"]
    length = np.linalg.norm(outward, axis=1, keepdims=True)
    need(bool(np.all(length > 0)), f"{where}: a corner lies in the centre of the sphere.")
    starts = starts_of(where, cells.starts, len(corners))
    rest["corners"] = store.add(np.rint(outward / length * 32767), "i2")  # directions from the centre
    rest["starts"] = store.add(starts, "u4")
    since = numbers(where, np.zeros(len(starts)) if cells.frames is None else cells.frames)
    good = since.shape == starts.shape and bool(np.all((since >= 0) & (since < frames) & (since == np.round(since))))
    good = good and bool(np.all(np.diff(since) >= 0))
    need(good, f"{where}: frames must be {len(starts)} whole numbers below {frames} that never fall.")
    rest["since"] = store.add(since, "u4")
    return rest | colors(store, cells, frames, len(starts), where)


def surface(store: Store, surface: Surface, panel: Panel, frames: int, where: str) -> Json:
    heights, radii = numbers(where, surface.heights), numbers(where, surface.radii)
    count = radii.shape[-1] if radii.ndim else 0
    for what, values in (("heights", heights), ("radii", radii)):
        fits = count >= 2 and values.shape in ((count,), (frames, count))
        need(fits, f"{where}: {what} have the shape {values.shape}; (M,) or ({frames}, M) is needed, M ≥ 2.")
    with np.errstate(invalid="ignore"):
        need(not np.any(radii < 0), f"{where}: a radius is negative.")
    rest: Json = {"center": _center(surface, where), "color": surface.color, "rings": surface.rings}
    return {**rest, "heights": store.add(heights, "f4"), "radii": store.add(radii, "f4")}


def _ball(layer: Any, where: str) -> Json:
    radius = float(layer.radius)
    need(0 < radius < np.inf, f"{where}: a sphere cannot have the radius {radius:g}.")
    return {"radius": radius, "center": _center(layer, where)}


def _center(layer: Any, where: str) -> list[float]:
    center = numbers(where, layer.center)
    fits = center.shape == (3,) and bool(np.all(np.isfinite(center)))
    need(fits, f"{where}: the centre must be three finite numbers.")
    return center.tolist()
