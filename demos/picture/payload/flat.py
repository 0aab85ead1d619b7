"""Encoders of the two-dimensional layers: each adds the layer's arrays to the store and returns its header entries.

They raise ValueError for a layer that does not fit, with a sentence that begins with `where`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from demos.picture import Arrows, Curve, Field, Handles, Lines, Markers, Panel, Points
from demos.picture.payload.arrays import (
    ANGLES,
    Json,
    Store,
    byte_angles,
    byte_values,
    colors,
    extent,
    need,
    numbers,
    positions,
    starts_of,
)

LOST = 1e12  # the solver's own bound: beyond it a particle counts as diverged (a test compares the two)
MAPS = ("sequential", "diverging", "cyclic")
MOST_HANDLES = 200  # more could not be distinguished, nor reached with the keyboard
SYMBOLS = ("minimum", "saddle", "cross", "dot", "ring", "plus", "minus")


def field(store: Store, field: Field, panel: Panel, frames: int, where: str) -> Json:
    values = numbers(where, field.values)
    fits = values.ndim in (2, 3) and min(values.shape[-2:]) >= 2 and values.shape[0] >= 1
    need(fits, f"{where}: values have the shape {values.shape}; (H, W) or (K, H, W) is needed.")
    need(field.colors in MAPS, f"{where}: there is no colour map named {field.colors!r}.")
    moving, cyclic = values.ndim == 3, field.colors == "cyclic"
    low, high = _limits(field, values, where)
    rest: Json = {"colors": field.colors, "opacity": float(field.opacity), "low": low, "high": high}
    rest |= {"crisp": field.crisp, "levels": []}
    if field.ends is not None:
        rest["ends"] = list(field.ends)
    if field.strength is not None:
        strength = numbers(where, field.strength)
        needed = f"the values' shape {values.shape} is needed"
        need(strength.shape == values.shape, f"{where}: strength has the shape {strength.shape}; {needed}.")
        rest["strength"] = store.add_moving(np.rint(255 * np.clip(np.nan_to_num(strength), 0, 1)))
    if field.at is not None:
        need(moving, f"{where}: a field that stands still has no `at`.")
        rest["times"] = store.add(_key_frames(field.at, len(values), frames, where), "f4")
    wants = field.contours > 0 if isinstance(field.contours, int) else len(field.contours) > 0
    need(not (wants and moving), f"{where}: a field that moves has no contour lines.")
    need(not (wants and cyclic), f"{where}: angles have no contour lines.")
    if cyclic:
        return {**rest, "values": store.add_moving(byte_angles(values), **ANGLES)}
    if moving:
        return {**rest, "values": store.add_moving(byte_values(values, low, high), low=low, high=high)}
    levels: Sequence[float] = field.contours if not isinstance(field.contours, int) else ()
    if isinstance(field.contours, int) and wants and high > low:
        levels = np.linspace(low, high, field.contours + 2)[1:-1].tolist()
    with np.errstate(over="ignore"):  # a value beyond float32 becomes infinite, and is drawn as missing
        return {**rest, "levels": [float(level) for level in levels], "values": store.add(values, "f4")}


def _limits(field: Field, values: np.ndarray, where: str) -> tuple[float, float]:
    """The checked values at the two ends of the colour map."""
    if field.colors == "cyclic":
        return 0.0, 2 * math.pi
    if field.limits is not None:
        low, high = map(float, field.limits)
        fine = math.isfinite(low) and math.isfinite(high) and low < high
        need(fine, f"{where}: limits cannot run from {low:g} to {high:g}.")
    else:
        low, high = extent(values)
    return (-max(-low, high), max(-low, high)) if field.colors == "diverging" else (low, high)


def _key_frames(at: Any, count: int, frames: int, where: str) -> np.ndarray:
    times = numbers(where, at)
    need(times.shape == (count,), f"{where}: `at` has {times.size} places; {count} are needed.")
    rising = bool(np.all(np.isfinite(times))) and bool(np.all(np.diff(times) > 0))
    good = rising and times[0] >= 0 and times[-1] <= max(frames - 1, 0)
    need(good, f"{where}: `at` must rise and stay within the frames, 0 to {frames - 1}.")
    return times


def points(store: Store, points: Points, panel: Panel, frames: int, where: str) -> Json:
    places = np.asarray(points.positions)
    fits = places.ndim == 3 and places.shape[0] == frames and places.shape[2] == 2
    need(fits, f"{where}: positions have the shape {places.shape}; ({frames}, N, 2) is needed.")
    rest: Json = {name: getattr(points, name) for name in ("radius", "trail", "trails", "trail_shown", "value_name")}
    rest["positions"] = positions(store, places, [panel.x, panel.y])
    beyond = _beyond(places, panel)
    if beyond.any():
        rest["beyond"] = store.add(np.minimum(beyond, 65_535), "u2")
    return rest | colors(store, points, frames, places.shape[1], where)


def _beyond(places: np.ndarray, panel: Panel) -> np.ndarray:
    """(F, 5): the numbers of points in each frame to the left of the panel, right, below, above, and lost.

    A point beyond a corner counts as left or right. Lost is what the solver counts as diverged, so that the number in
    the picture is that of the run: not finite, or farther than LOST.
    """
    x, y = places[..., 0], places[..., 1]
    if places.size and all(
        low <= side.min() and side.max() <= high for side, (low, high) in ((x, panel.x), (y, panel.y))
    ):
        return np.zeros((len(places), 5), int)  # so it is for most pictures; nan is not within
    with np.errstate(invalid="ignore"):
        left, right = x < panel.x[0], x > panel.x[1]
        sides = left | right
        below, above = ~sides & (y < panel.y[0]), ~sides & (y > panel.y[1])
        nowhere = ~(np.maximum(np.abs(x), np.abs(y)) < LOST)  # true for nan
    return np.stack([np.sum(part & ~nowhere, axis=1) for part in (left, right, below, above)] + [nowhere.sum(1)], 1)


def arrows(store: Store, arrows: Arrows, panel: Panel, frames: int, where: str) -> Json:
    origins, vectors = numbers(where, arrows.origins), numbers(where, arrows.vectors)
    fits = origins.ndim == 2 and origins.shape[1] == 2
    fits = fits and vectors.shape in (origins.shape, (frames, *origins.shape))
    words = f"must both be (K, 2), or the vectors ({frames}, K, 2)"
    need(fits, f"{where}: origins {origins.shape} and vectors {vectors.shape} {words}.")
    rest: Json = {"by_angle": arrows.by_angle, "origins": store.add(origins, "f4")}
    if arrows.by_angle:
        with np.errstate(all="ignore"):
            angles = np.arctan2(vectors[..., 1], vectors[..., 0])
        angles[~np.any(vectors, axis=-1)] = np.nan  # a zero vector has no direction: no arrow is drawn
        return {**rest, "angles": store.add_moving(np.atleast_2d(byte_angles(angles)), **ANGLES)}
    return {**rest, "vectors": store.add(vectors, "f4")}


def markers(store: Store, markers: Markers, panel: Panel, frames: int, where: str) -> Json:
    places = numbers(where, markers.positions)
    fits = places.ndim in (2, 3) and places.shape[-1] == 2 and (places.ndim == 2 or len(places) == frames)
    need(fits, f"{where}: positions have the shape {places.shape}; (K, 2) or ({frames}, K, 2) is needed.")
    count, counts = places.shape[-2], (len(markers.labels), len(markers.symbols))
    need(counts == (count, count), f"{where}: {count} places need as many labels and symbols.")
    for symbol in markers.symbols:
        need(symbol in SYMBOLS, f"{where}: the symbol {symbol!r} is not one of {', '.join(SYMBOLS)}.")
    return {"positions": store.add(places, "f4"), "labels": list(markers.labels), "symbols": list(markers.symbols)}


def curve(store: Store, curve: Curve, panel: Panel, frames: int, where: str) -> Json:
    x, y = numbers(where, curve.x), numbers(where, curve.y)
    length = len(x) - curve.stepped if x.ndim == 1 else -1
    fits = length >= 1 and y.shape in ((length,), (frames, length))
    need(fits, f"{where}: x {x.shape} does not fit y {y.shape}; y is (n,) or ({frames}, n), x is (n,) or n + 1 edges.")
    rest = {name: getattr(curve, name) for name in ("stepped", "filled", "dashed", "color")}
    return {**rest, "x": store.add(x, "f4"), "y": store.add(y, "f4")}


def lines(store: Store, lines: Lines, panel: Panel, frames: int, where: str) -> Json:
    places = numbers(where, lines.positions)
    fits = places.ndim in (2, 3) and places.shape[-1] == 2 and (places.ndim == 2 or len(places) == frames)
    need(fits, f"{where}: positions have the shape {places.shape}; (M, 2) or ({frames}, M, 2) is needed.")
    starts = starts_of(where, [0] if lines.starts is None else lines.starts, places.shape[-2])
    names = ("closed", "filled", "dashed", "color")
    rest: Json = {name: getattr(lines, name) for name in names}
    rest |= {"width": float(lines.width), "dots": float(lines.dots), "starts": store.add(starts, "u4")}
    rest["positions"] = positions(store, places if places.ndim == 3 else places[None], [panel.x, panel.y])
    return rest | colors(store, lines, frames, len(starts), where)


def handles(store: Store, handles: Handles, panel: Panel, frames: int, where: str) -> Json:
    places = numbers(where, handles.positions)
    fits = places.ndim == 2 and places.shape[1] == 2 and bool(np.all(np.isfinite(places)))
    need(fits, f"{where}: positions have the shape {places.shape}; finite (K, 2) is needed.")
    count = len(places)
    need(count <= MOST_HANDLES, f"{where}: {count:,} handles are more than {MOST_HANDLES}.")
    for axis, (low, high) in enumerate((panel.x, panel.y)):
        inside = bool(np.all((places[:, axis] >= low) & (places[:, axis] <= high)))
        need(inside, f"{where}: a handle lies outside of its panel, where nobody could reach it.")
    for what, given in (("labels", handles.labels), ("colors", handles.colors)):
        need(len(given) in (0, count), f"{where}: {count} handles need as many {what}, not {len(given)}.")
    labels = [str(label) for label in handles.labels] or [f"{handles.name} {i + 1}" for i in range(count)]
    rest = {"labels": labels, "colors": [int(index) for index in handles.colors] or [-2] * count}
    return {**rest, "positions": store.add(places, "f8")}
