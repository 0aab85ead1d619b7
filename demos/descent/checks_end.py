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
        last = int(np.nonzero(distance >= max(WINDOW * distance[first], NEAREST * setup.scale))[0][-1])
        if last <= first:
            continue
        begin = away[first] @ vectors
        expected = float(np.linalg.norm(begin * np.exp(-values * (times[last] - times[first]))))
        since = f"from t = {number(times[first])} to {number(times[last])}"
        return [
            Check(
                f"distance of the flow from {place.name}",
                float(distance[last]),
                expected,
                floor=(0.0 if math.isinf(radius) else 3 * LINEAR_SHARE) * expected + 1e-9 * setup.scale,
                source="the minimum and its curvatures: e^(−λt) along each eigenvector of the Hessian",
                note=f"At the end of a window {since} in which the gradient is linear.",
            )
        ]
    return []
