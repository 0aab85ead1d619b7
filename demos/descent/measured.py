"""The fate of each path, measured from its recorded states alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from demos.descent.linear import is_linear
from demos.descent.prediction import CONVERGES, DIVERGES, HOVERS, OSCILLATES, QUADRATICS, SMALLEST, axes_of
from demos.descent.recursions import fate_on_parabola
from demos.descent.setup import NEAR, Setup
from demos.descent.simulate import MethodRun

EARLY = "not there yet"
LOST = 1e3  # view diagonals from the origin: a path farther out has diverged
SHRUNK = 0.7  # a path is still approaching if its last quarter is closer by this factor than the one before
TAIL, VISIBLE = 4, 0.1  # components above this relative size in the last 4 steps are tested for oscillation
HOVERING = 1e-6  # view diagonals: smaller distances may be due to rounding or a tolerance
STAYED = 0.02  # the fraction of all steps that a path must stay near the minimum


@dataclass(frozen=True)
class Measured:
    """The fate of one path.

    fate: CONVERGES, OSCILLATES (converges with changes of sign), DIVERGES (leaves), HOVERS (stays near a minimum
    without settling), or EARLY (too few steps). nearest: the index of the minimum nearest to the end, −1 for none.
    distance: from that minimum at the end; for HOVERS, the mean over the last quarter. steps: the first step after
    which the distance stays below NEAR view diagonals; inf if it does not. left: the step at which the path left, or
    −1. is_read_off: the path has not arrived, but the landscape is a quadratic, on which its steps so far determine its
    fate.
    """

    fate: str
    nearest: int
    distance: float
    steps: float
    left: int = -1
    is_read_off: bool = False


def measure(setup: Setup, run: MethodRun, start: int) -> Measured:
    """The fate of a method from the start with this index."""
    path, scale, surface = run.states[:, start], setup.scale, setup.surface
    with np.errstate(invalid="ignore", over="ignore"):
        diverged = ~(np.abs(path).max(axis=1) < LOST * scale)
    if diverged.any():
        return Measured(DIVERGES, -1, math.inf, math.inf, int(diverged.argmax()))
    if not surface.minima:
        return Measured(EARLY, -1, math.inf, math.inf)
    minima = np.array([place.position for place in surface.minima])
    nearest = int(np.linalg.norm(minima - path[-1], axis=1).argmin())
    distance = np.linalg.norm(path - minima[nearest], axis=1)
    far = np.nonzero(distance > NEAR * scale)[0]
    steps = float(far[-1] + 1) if len(far) else 0.0
    if run.steps - steps < max(2.0, STAYED * run.steps):  # it may only pass by the minimum
        if surface.name in QUADRATICS and is_linear(run.method):
            fate = fate_on_parabola(axes_of(surface, surface.minima[nearest]), path - minima[nearest], run.method)
            if fate is not None:
                return Measured(fate, nearest, float(distance[-1]), math.inf, is_read_off=True)
        fate = _unsettled(distance)
        return Measured(fate, nearest, _usual(distance) if fate == HOVERS else float(distance[-1]), math.inf)
    if _hovers(distance, scale):
        return Measured(HOVERS, nearest, _usual(distance), steps)
    return Measured(_settled(setup, path, distance, nearest), nearest, float(distance[-1]), steps)


def _usual(distance: np.ndarray) -> float:
    """The mean distance over the last quarter: an oscillating path may be at the minimum in its very last step."""
    return float(distance[-max(1, len(distance) // 4) :].mean())


def _hovers(distance: np.ndarray, scale: float) -> bool:
    """Whether the path stays near the minimum without coming closer, as with steps of fixed length."""
    quarter = max(1, len(distance) // 4)
    before, last = distance[-2 * quarter : -quarter].max(initial=0.0), distance[-quarter:].max()
    return bool(last > HOVERING * scale and last > 0.9 * before)


def _unsettled(distance: np.ndarray) -> str:
    quarter = max(1, len(distance) // 4)
    before, last = distance[-2 * quarter : -quarter].max(initial=0.0), distance[-quarter:].max()
    return EARLY if last < SHRUNK * before or len(distance) < 12 else HOVERS


def _settled(setup: Setup, path: np.ndarray, distance: np.ndarray, nearest: int) -> str:
    """OSCILLATES if a component that is large in the last steps changed its sign repeatedly, else CONVERGES."""
    place = setup.surface.minima[nearest]
    if not math.isfinite(place.eigenvalues[0]):
        return CONVERGES
    _, vectors = axes_of(setup.surface, place)
    seen = distance > SMALLEST * setup.scale
    last = int(np.nonzero(seen)[0][-1]) + 1 if seen.any() else 1
    parts = (path[:last] - place.position) @ vectors
    window = np.abs(parts[-TAIL:]).max(axis=0)
    for part in parts[:, window >= VISIBLE * window.max()].T:
        signs = [np.sign(piece[np.abs(piece) > SMALLEST * setup.scale]) for piece in (part, part[len(part) // 4 :])]
        # the first change of sign may be due to the path into the valley, not to the minimum
        if np.sum(np.diff(signs[0]) != 0) >= 2 and np.any(np.diff(signs[1])):
            return OSCILLATES
    return CONVERGES
