"""What each path did, measured on the recorded states alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from demos.descent.linear import is_linear
from demos.descent.prediction import CONVERGES, DIVERGES, HOVERS, OSCILLATES, QUADRATICS, axes_of
from demos.descent.recursions import fate_on_parabola
from demos.descent.setup import NEAR, Setup
from demos.descent.simulate import MethodRun

EARLY = "not there yet"
LOST = 1e3  # views from the middle: it has left
SHRUNK = 0.7  # the last quarter is this much nearer than the one before: still on its way
TAIL, VISIBLE = 4, 0.1  # steps at the end, and the share of the larger part, that say what is left last
HOVERING = 1e-6  # views: nearer, rounding or a tolerance may be all that moves
STAYED = 0.02  # of all steps
FLOOR = 1e-9  # views: rounding is below


@dataclass(frozen=True)
class Measured:
    """fate: CONVERGES, OSCILLATES, DIVERGES (left), HOVERS (stays about without settling), EARLY. nearest: the index of
    the minimum nearest to the end, −1 for none. steps: the first after which the distance stays below NEAR views, inf
    where it does not. left: the step at which it was lost, or −1. is_read_off: it is on its way, and its steps so far
    tell its fate, because the landscape is a quadratic."""

    fate: str
    nearest: int
    distance: float
    steps: float
    left: int = -1
    is_read_off: bool = False


def measure(setup: Setup, run: MethodRun, start: int) -> Measured:
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
    if run.steps - steps < max(2.0, STAYED * run.steps):  # what swings may only be passing by
        if surface.name in QUADRATICS and is_linear(run.method):
            fate = fate_on_parabola(axes_of(surface, surface.minima[nearest]), path - minima[nearest], run.method)
            if fate is not None:
                return Measured(fate, nearest, float(distance[-1]), math.inf, is_read_off=True)
        return Measured(_unsettled(distance), nearest, float(distance[-1]), math.inf)
    if _hovers(distance, scale):
        return Measured(HOVERS, nearest, float(distance[-1]), steps)
    return Measured(_settled(setup, path, distance, nearest), nearest, float(distance[-1]), steps)


def _hovers(distance: np.ndarray, scale: float) -> bool:
    """Whether it stays about the minimum without coming nearer, as steps of a fixed length do."""
    quarter = max(1, len(distance) // 4)
    before, last = distance[-2 * quarter : -quarter].max(initial=0.0), distance[-quarter:].max()
    return bool(last > HOVERING * scale and last > 0.9 * before)


def _unsettled(distance: np.ndarray) -> str:
    quarter = max(1, len(distance) // 4)
    before, last = distance[-2 * quarter : -quarter].max(initial=0.0), distance[-quarter:].max()
    return EARLY if last < SHRUNK * before or len(distance) < 12 else HOVERS


def _settled(setup: Setup, path: np.ndarray, distance: np.ndarray, nearest: int) -> str:
    """Whether the part that was left last changed its sign while it shrank."""
    place = setup.surface.minima[nearest]
    if not math.isfinite(place.eigenvalues[0]):
        return CONVERGES
    _, vectors = axes_of(setup.surface, place)
    seen = distance > FLOOR * setup.scale
    last = int(np.nonzero(seen)[0][-1]) + 1 if seen.any() else 1
    parts = (path[:last] - place.position) @ vectors
    window = np.abs(parts[-TAIL:]).max(axis=0)
    for part in parts[:, window >= VISIBLE * window.max()].T:
        signs = [np.sign(piece[np.abs(piece) > FLOOR * setup.scale]) for piece in (part, part[len(part) // 4 :])]
        # the first crossing belongs to the way into the valley, not to what the minimum does
        if np.sum(np.diff(signs[0]) != 0) >= 2 and np.any(np.diff(signs[1])):
            return OSCILLATES
    return CONVERGES
