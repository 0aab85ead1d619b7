"""The density shortly after a start at one point or in a narrow cloud, which no grid resolves: a Gaussian that moves
and widens.

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
SHARES = (1.0, 0.6, 0.4)  # of that time, the longest that fits
FITS = 0.01  # largest misfit, in standard deviations: with it rising like t², the error at the end is less than half
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(14)
WEIGHTS = WEIGHTS / WEIGHTS.sum()


@dataclass(frozen=True, eq=False)
class ShortTime:
    """until: the time up to which it holds."""

    landscape: Landscape
    place: tuple[float, float]
    temperature: Callable[[float], float]
    until: float
    spread: float = 0.0  # standard deviation of the start

    def moments(self, t: float) -> tuple[np.ndarray, np.ndarray]:
        """Mean (2,) and covariance (2, 2) at time t."""
        state = self._path(t)
        return state[:2], state[2:].reshape(2, 2)

    @cached_property
    def _path(self) -> CubicSpline:
        state, h = (
            np.concatenate([np.array(self.place, dtype=float), self.spread**2 * np.eye(2).ravel()]),
            self.until / STEPS,
        )
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

    @property
    def misfit(self) -> float:
        """What the expansion of U neglects, at the end: the change of the mean in standard deviations, or half that of
        the covariance, whichever is larger. It is large at a kink, or where U changes within the Gaussian."""
        mean, covariance = self.moments(self.until)
        at = np.stack(np.meshgrid(NODES, NODES, indexing="ij"), axis=-1).reshape(-1, 2)
        weights, root = np.outer(WEIGHTS, WEIGHTS).ravel(), np.linalg.cholesky(covariance)
        slopes = self.landscape.gradient(torch.from_numpy(mean + at @ root.T)).numpy()
        expected = self._rate(np.concatenate([mean, covariance.ravel()]), self.until)
        spread = -root @ (at * weights[:, None]).T @ slopes
        spread = spread + spread.T + 2 * self.temperature(self.until) * np.eye(2)
        widths = np.sqrt(np.diag(covariance))
        moved = np.abs(-weights @ slopes - expected[:2]) / widths
        widened = np.abs(spread - expected[2:].reshape(2, 2)) / np.outer(widths, widths) / 2
        worst = self.until * max(moved.max(), widened.max())
        return float(worst) if np.isfinite(worst) else np.inf

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
    spread: float = 0.0,
) -> ShortTime | None:
    """The Gaussian, until the density is WIDE cells wide; None where U is too curved for that, or not smooth."""
    kT, cell = temperature(0.0), max(spacing)
    curvature = landscape.hessian(torch.tensor([place], dtype=torch.float64))[0].numpy()
    if not np.isfinite(curvature).all():
        return None
    sharpest = max(float(np.abs(np.linalg.eigvalsh(curvature)).max()), landscape.curvature or 0.0, 1e-12)
    if not np.isfinite(sharpest):
        return None
    until = min(((WIDE * cell) ** 2 - spread**2) / (2 * kT), ROLLED / sharpest)
    for share in SHARES:
        found = ShortTime(landscape, place, temperature, share * until, spread)
        mean, covariance = found.moments(found.until)
        if not (np.isfinite(mean).all() and np.isfinite(covariance).all()):
            continue
        widths = np.sqrt(np.maximum(np.diag(covariance), 0.0))
        if (widths > NARROW * np.array(spacing)).all() and found.misfit <= FITS:
            return found
    return None
