"""An independent solution of the film's motion: its PDE on a grid, by LSODA, without `SoapFilm` and `solve`.

    mean curvature:  r_t = r''/(1 + r'²) − 1/r          radii:  r_t = (r r''/(1 + r'²) − 1)/√(1 + r'²)

Central differences on two grids are extrapolated to the smooth film; for the polygon of the run, the velocity is the
gradient of the area of its cones. Each takes some hundredths of a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from scipy.integrate import solve_ivp

from demos.physics.soap_film.model import THREAD
from demos.physics.soap_film.starts import starts_for

PIECES = (120, 240)  # pieces of the two grids: the extrapolated closing time has an error of some 1e-5
RTOL = 1e-7
MOMENTS = 4_801  # times, evenly spaced in √t: linear interpolation has a relative error of some 1e-5
BLOCK = 512  # moments whose speeds are computed at once


@dataclass(frozen=True)
class ReferenceMotion:
    """times (F,), necks (F,) and speeds (F,) (root mean square over the film), until the neck has the radius THREAD at
    the time `closes`, inf where it never does."""

    times: np.ndarray
    necks: np.ndarray
    speeds: np.ndarray
    closes: float

    def time_at(self, neck: float) -> float:
        """The time when the neck first has this radius; nan where it never has."""
        return first_time(self.times, self.necks, neck)

    def seen_at(self, times: np.ndarray, neck: float) -> float:
        """The same, if the neck is sampled at the given times and linearly interpolated between them."""
        return first_time(times, np.interp(times, self.times, self.necks, right=self._after), neck)

    @property
    def _after(self) -> float:
        return 0.0 if np.isfinite(self.closes) else float(self.necks[-1])


@lru_cache(maxsize=64)
def polygon_motion(separation: float, pieces: int, start: str, metric: str, duration: float) -> ReferenceMotion:
    """The motion of a polygon of `pieces` pieces."""
    return _motion(separation, pieces, start, duration, _cones(separation / pieces, metric == "curvature"))


@lru_cache(maxsize=64)
def smooth_motion(separation: float, start: str, metric: str, duration: float) -> tuple[ReferenceMotion, ...]:
    """The motion of the smooth film on a coarse and a fine grid, for the extrapolation of `smooth_time`."""
    curved = metric == "curvature"
    return tuple(_motion(separation, n, start, duration, _differences(separation / n, curved)) for n in PIECES)


def smooth_time(motions: tuple[ReferenceMotion, ...], neck: float) -> float:
    """The time when the smooth film's neck first has this radius, extrapolated with an error of order 1/pieces²."""
    coarse, fine = (motion.closes if neck == THREAD else motion.time_at(neck) for motion in motions)
    return (4 * fine - coarse) / 3 if np.isfinite([coarse, fine]).all() else fine


def first_time(times: np.ndarray, necks: np.ndarray, neck: float) -> float:
    """The time when a neck first passes this radius, linearly interpolated; nan where it never does."""
    gone = np.flatnonzero((necks[:-1] - neck) * (necks[1:] - neck) <= 0)
    if not len(gone):
        return np.nan
    i = gone[0]
    way = necks[i + 1] - necks[i]
    return float(times[i] + (times[i + 1] - times[i]) * ((neck - necks[i]) / way if way else 0.0))


def _motion(separation: float, pieces: int, start: str, duration: float, velocity) -> ReferenceMotion:
    heights = torch.linspace(-separation / 2, separation / 2, pieces + 1, dtype=torch.float64)[1:-1]
    radii = starts_for(separation, heights)[start](0, 1)[0].numpy()

    if radii.min() <= THREAD:  # it starts as a thread
        return ReferenceMotion(np.zeros(2), np.full(2, radii.min()), np.zeros(2), 0.0)

    def thin(t: float, x: np.ndarray) -> float:
        return x.min() - THREAD

    thin.terminal = True
    times = duration * np.linspace(0, 1, MOMENTS) ** 2
    options = {"rtol": RTOL, "atol": 0.1 * RTOL, "lband": 1, "uband": 1}
    moves = lambda t, x: velocity(np.concatenate((np.ones_like(x[:1]), np.maximum(x, 1e-6), np.ones_like(x[:1]))))
    path = solve_ivp(
        moves,
        (0.0, duration),
        radii,
        "LSODA",
        t_eval=times,
        events=thin,
        **options,
    )
    closes = float(path.t_events[0][0]) if len(path.t_events[0]) else np.inf
    t, y = path.t, path.y
    if np.isfinite(closes):
        t, y = np.r_[t, closes], np.c_[y, path.y_events[0][0]]
    blocks = np.array_split(y, range(BLOCK, len(t), BLOCK), axis=1)  # of all moments at once it is some 50 MB
    speeds = np.concatenate([np.sqrt(np.mean(moves(0.0, block) ** 2, axis=0)) for block in blocks])
    return ReferenceMotion(t, y.min(0), speeds, closes)


def _differences(h: float, curved: bool):
    """The function from radii (n + 1, ...), rings included, to the smooth film's velocity at the inner nodes."""

    def velocity(r: np.ndarray) -> np.ndarray:
        steep = 1 + ((r[2:] - r[:-2]) / (2 * h)) ** 2
        bend = (r[2:] - 2 * r[1:-1] + r[:-2]) / h**2
        if curved:
            return bend / steep - 1 / r[1:-1]
        return (r[1:-1] * bend / steep - 1) / np.sqrt(steep)

    return velocity


def _cones(h: float, curved: bool):
    """The same for the polygon: minus the gradient of Σ (rᵢ + rᵢ₊₁)√(h² + (rᵢ₊₁ − rᵢ)²)/2 over h, in either metric."""

    def velocity(r: np.ndarray) -> np.ndarray:
        step, total = np.diff(r, axis=0), r[1:] + r[:-1]
        slant = np.sqrt(h * h + step * step)
        pull = total * step / slant
        downhill = -(slant[:-1] + slant[1:] + pull[:-1] - pull[1:]) / (2 * h)
        if not curved:
            return downhill
        return downhill * np.sqrt(1 + ((r[2:] - r[:-2]) / (2 * h)) ** 2) / r[1:-1]

    return velocity
