"""Stationary points of an energy in the plane, and their refinement by Newton's method."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

ITERATIONS = 50
FLAT = 1e-6  # relative to the largest: smaller eigenvalues count as 0
STATIONARY = 1e-6  # the largest |∇U| of a stationary point, relative to its largest curvature (or 1)

Jet = tuple[float, np.ndarray, np.ndarray]
"""Energy, gradient (2,) and Hessian (2, 2) at one point."""


@dataclass(frozen=True)
class StationaryPoint:
    """A stationary point.

    kind: "minimum", "saddle" or "maximum". joins: for a saddle, the names of the two minima at which the steepest
    descents from it end. eigenvalues: those of the Hessian, the lower one first; nan at a kink, such as that of |x|.
    """

    kind: str
    name: str
    position: tuple[float, float]
    joins: tuple[str, ...] = ()
    energy: float = math.nan
    eigenvalues: tuple[float, float] = (math.nan, math.nan)


def minimum(name: str, x: float, y: float) -> StationaryPoint:
    return StationaryPoint("minimum", name, (float(x), float(y)))


def saddle(name: str, x: float, y: float, *joins: str) -> StationaryPoint:
    return StationaryPoint("saddle", name, (float(x), float(y)), joins)


def maximum(name: str, x: float, y: float) -> StationaryPoint:
    return StationaryPoint("maximum", name, (float(x), float(y)))


def kind_of(eigenvalues: tuple[float, float]) -> str:
    """The kind of a stationary point from the eigenvalues of its Hessian, the lower one first.

    Directions in which the energy is flat to second order (along a ring) count as directions in which it rises.
    """
    low, high = eigenvalues
    flat = FLAT * max(abs(low), abs(high))
    return "minimum" if low >= -flat else "saddle" if high > flat else "maximum"


def polished(place: StationaryPoint, jet_at: Callable[[np.ndarray], Jet], title: str) -> StationaryPoint:
    """The place with its position accurate to rounding, its energy and its eigenvalues; unchanged if it has an energy.

    jet_at(position) -> `Jet`. title: the name of the landscape, for the error message. Raises ValueError if no
    stationary point is near, or if it is of another kind.
    """
    if not math.isnan(place.energy):
        return place
    at = np.array(place.position)
    value, gradient, hessian = jet_at(at)
    for _ in range(ITERATIONS):
        # The pseudo-inverse makes no step in a direction in which the energy is flat (along a ring).
        trial = at - np.linalg.pinv(hessian, rcond=1e-10, hermitian=True) @ gradient
        jet = jet_at(trial)
        if not np.linalg.norm(jet[1]) < np.linalg.norm(gradient):
            break
        at, (value, gradient, hessian) = trial, jet
    low, high = np.linalg.eigvalsh(hessian).tolist()
    where = f"{title}: the {place.kind} {place.name!r} near ({place.position[0]:g}, {place.position[1]:g})"
    steepness = float(np.linalg.norm(gradient))
    if not steepness <= STATIONARY * max(1.0, abs(low), abs(high)):
        raise ValueError(f"{where} is not stationary: Newton's method stops where |∇U| = {steepness:.3g}.")
    if (kind := kind_of((low, high))) != place.kind:
        raise ValueError(f"{where} is a {kind}: its Hessian has the eigenvalues {low:.3g} and {high:.3g}.")
    return replace(place, position=tuple(at.tolist()), energy=value, eigenvalues=(low, high))
