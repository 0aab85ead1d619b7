"""The check of the exact flow's end: it approaches its minimum as e^(−λt) along each eigenvector."""

from __future__ import annotations

import math

import numpy as np

from demos.common.numbers import number
from demos.contract import Check
from demos.descent.prediction import axes_of, parabola_radius
from demos.descent.setup import Setup

LINEAR_SHARE = (
    0.01  # nonlinearity of the gradient × condition number: the relative error of all steps of a window together
)
WINDOW = 1e-3  # a window ends where the distance has shrunk by this factor
BLURRED = 0.1  # a window ends where the nonlinearity may change the distance by more than this share
NEAREST = 1e-7  # view diagonals: closer to a minimum, its rounding error is not negligible


def end_checks(setup: Setup) -> list[Check]:
    """The distance of the flow from its minimum at the end of a window in which the gradient is linear, of the first
    start that has one; [] if none has."""
    for start, goal in enumerate(setup.destinations):
        place = setup.surface.minima[goal] if goal >= 0 else None
        if place is None or not place.eigenvalues[0] > 1e-9 * place.eigenvalues[1]:
            continue
        values, vectors = axes_of(setup.surface, place)
        times, away = setup.exact.times, setup.exact.states[:, start] - place.position
        distance = np.linalg.norm(away, axis=1)
        radius = parabola_radius(setup.surface, place, LINEAR_SHARE * values[0] / values[1])
        inside = np.nonzero(distance <= radius)[0]
        if not len(inside) or distance[inside[0]] < 10 * NEAREST * setup.scale:
            continue
        first = int(inside[0])
        begin, passed = away[first] @ vectors, times[first:] - times[first]
        expected = np.linalg.norm(begin * np.exp(-values * passed[:, None]), axis=1)
        curved = 0.0 if math.isinf(radius) else _curved(begin, values, passed) / radius
        far = distance[first:] >= max(WINDOW * distance[first], NEAREST * setup.scale)
        window = np.nonzero(far & (curved <= BLURRED * expected))[0]
        if not len(window) or window[-1] == 0:
            continue
        length = int(window[-1])
        last, floor = first + length, np.broadcast_to(curved, expected.shape)[length]
        since = f"from t = {number(times[first])} to {number(times[last])}"
        return [
            Check(
                f"distance of the flow from {place.name}",
                float(distance[last]),
                float(expected[length]),
                floor=float(floor) + 1e-9 * setup.scale,
                source="the minimum and its curvatures: e^(−λt) along each eigenvector of the Hessian",
                note=f"At the end of a window {since} in which the gradient is linear.",
            )
        ]
    return []


def _curved(begin: np.ndarray, values: np.ndarray, passed: np.ndarray) -> np.ndarray:
    """What the nonlinearity may add to the distance after these times (T,), times the radius; begin: the components
    (2,) along the eigenvectors, the flatter one first.

    The gradient deviates by at most LINEAR_SHARE λ₀ d²/radius. It pushes the flow along the flatter eigenvector, where
    the push at time s has decayed by e^(−λ₀(t − s)) at t. With d² = a²e^(−2λ₀s) + b²e^(−2λ₁s), their integral is below
    e^(−λ₀t) (a²/λ₀ + b²/(2λ₁ − λ₀)). Three times that, because the share was taken in 24 directions only.
    """
    slow, fast = values
    squares = begin[0] ** 2 + begin[1] ** 2 * slow / (2 * fast - slow)
    return 3 * LINEAR_SHARE * np.exp(-slow * passed) * squares
