"""The density shortly after a start at one point, which no grid resolves: a Gaussian that moves and widens.

With A = ∇²U at the mean m and C the covariance, dm/dt = −∇U(m) − ½ ∇ tr(AC) and dC/dt = −AC − CA + 2 kT: exact for a
quadratic U, and to leading order in the width otherwise (van Kampen, Can. J. Phys. 39 (1961) 551).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from scipy.interpolate import CubicSpline

from demos.landscapes import Landscape

STEPS = 8  # Runge–Kutta steps from the start to any time: an error of 3e-6 standard deviations
WIDE = 1.3  # standard deviation, in cells, from which the grid is used instead
NARROW = 0.75  # least standard deviation, in cells, of a Gaussian on a grid
ROLLED = 0.35  # largest t · L at which the Gaussian is used


@dataclass(frozen=True, eq=False)
class ShortTime:
    """until: the time up to which it holds."""

    landscape: Landscape
    place: tuple[float, float]
    temperature: Callable[[float], float]
    until: float

    def moments(self, t: float) -> tuple[np.ndarray, np.ndarray]:
        """Mean (2,) and covariance (2, 2) at time t."""
        state = self._path(t)
        return state[:2], state[2:].reshape(2, 2)

    @cached_property
    def _path(self) -> CubicSpline:
        state, h = np.concatenate([np.array(self.place, dtype=float), np.zeros(4)]), self.until / STEPS
        states = [state]
        for n in range(STEPS):
            now = n * h
            a = self._rate(state, now)
            b = self._rate(state + h / 2 * a, now + h / 2)
            c = self._rate(state + h / 2 * b, now + h / 2)
            d = self._rate(state + h * c, now + h)
            state = state + h / 6 * (a + 2 * b + 2 * c + d)
            states.append(state)
        return CubicSpline(np.linspace(0, self.until, STEPS + 1), np.stack(states))

    def _rate(self, state: np.ndarray, t: float) -> np.ndarray:
        mean, covariance = state[:2], state[2:].reshape(2, 2)
        step = 1e-3 * max(1e-2, float(np.sqrt(max(np.trace(covariance), 0.0))))
        around = mean + step * np.array([[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]])
        points = torch.from_numpy(around)
        curvature = self.landscape.hessian(points).numpy()
        traces = np.einsum("kij,ij->k", curvature, covariance)
        lean = np.array([traces[1] - traces[2], traces[3] - traces[4]]) / (2 * step)
        flow = -self.landscape.gradient(points[:1]).numpy()[0] - lean / 2
        spread = -curvature[0] @ covariance - covariance @ curvature[0] + 2 * self.temperature(t) * np.eye(2)
        return np.concatenate([flow, spread.ravel()])


def short_time(
    landscape: Landscape,
    place: tuple[float, float],
    temperature: Callable[[float], float],
    spacing: tuple[float, ...],
) -> ShortTime | None:
    """The Gaussian, until the density is WIDE cells wide; None where U is too curved for that, or not smooth."""
    kT, cell = temperature(0.0), max(spacing)
    curvature = landscape.hessian(torch.tensor([place], dtype=torch.float64))[0].numpy()
    if not np.isfinite(curvature).all():
        return None
    sharpest = max(float(np.abs(np.linalg.eigvalsh(curvature)).max()), landscape.curvature or 0.0, 1e-12)
    if not np.isfinite(sharpest):
        return None
    until = min((WIDE * cell) ** 2 / (2 * kT), ROLLED / sharpest)
    found = ShortTime(landscape, place, temperature, until)
    mean, covariance = found.moments(until)
    if not (np.isfinite(mean).all() and np.isfinite(covariance).all()):
        return None
    widths = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    return found if (widths > NARROW * np.array(spacing)).all() else None
