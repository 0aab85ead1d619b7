"""A run of the soap film from a config: by which flow or optimizer, in which metric, and where it ended."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import pi

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import Progress
from demos.gradient_flow import METHODS, Trajectory, largest_curvature, solve
from demos.physics.bench.ledger import Ledger
from demos.physics.config import EnergyConfig
from demos.physics.soap_film.catenoid import Catenoid, catenoids
from demos.physics.soap_film.critical_point import CriticalPoint, critical_point
from demos.physics.soap_film.model import THREAD, SoapFilm

REST = 1e-6  # ring radii a unit of time: a film whose fastest ring is slower is at rest
KEPT = 400  # profiles of a run by equal steps


@dataclass(frozen=True)
class FilmRun:
    """One film followed. At each step x (S + 1,), time or iterations, areas, rates ⟨∇A, M∇A⟩, work (gradients until
    then), and for a flow residual; profiles (F, links + 1) at profile_x (F,)."""

    film: SoapFilm
    path: Trajectory
    work: np.ndarray
    x: np.ndarray
    areas: np.ndarray
    rates: np.ndarray
    residual: np.ndarray | None
    profiles: np.ndarray
    profile_x: np.ndarray
    limit: float  # of explicit steps at the start; inf for other methods

    @cached_property
    def exact(self) -> tuple[Catenoid, ...]:
        """The stable and the unstable catenoid; none past the critical separation."""
        return catenoids(self.film.separation)

    @property
    def end(self) -> Tensor:
        """(1, links − 1)"""
        return self.path.states[-1]

    @property
    def neck(self) -> float:
        return float(self.end[0].min())

    @property
    def snapped(self) -> bool:
        return self.neck < THREAD

    @cached_property
    def polygon(self) -> CriticalPoint | None:
        """The critical point of the area nearest to where the run ended: what this polygon has in the catenoid's place.
        None past the critical separation, or where the film has snapped or Newton's method does not settle."""
        if not self.exact or self.snapped or not torch.isfinite(self.end).all():
            return None
        try:
            return critical_point(self.film, self.end[0].numpy())
        except ValueError:
            return None

    @cached_property
    def distance(self) -> float:
        """How far the end is from it, at most in any ring"""
        return np.inf if self.polygon is None else float(np.abs(self.end[0].numpy() - self.polygon.radii).max())

    @property
    def speed(self) -> float:
        """At the end, of the fastest ring, by mean curvature"""
        return _speed(self.film, self.end)


def _speed(film: SoapFilm, x: Tensor) -> float:
    slope = film.curvature_flow().gradient(x, 0.0)
    return float(torch.where(x > 0, slope, 0.0).abs().max())


def film_of(config: EnergyConfig) -> SoapFilm:
    """Raises ValueError, in one sentence, for pieces without a middle, or a start that these rings do not have."""
    if config.pieces % 2:
        raise ValueError(f"pieces = {config.pieces} must be even: the neck is in the middle.")
    film = SoapFilm(config.separation, config.pieces)
    if config.start not in film.starts():
        raise ValueError(
            f"start = {config.start}: {config.separation:g} radii apart no catenoid spans the rings; "
            "start from a cylinder or pinched."
        )
    return film


def follow(config: EnergyConfig, progress: Progress | None = None) -> FilmRun:
    film, row = film_of(config), METHODS[config.method]
    optimizes, curved = row.family == "optimizer", config.film_metric == "curvature"
    plain = film.system().flow(**({"mobility": None} if optimizes else {}))
    flow = plain if optimizes or not curved else film.curvature_flow()
    measure = film.curvature_measure if curved and not optimizes else film.measure
    start = film.starts()[config.start](config.seed, 1)
    if row.adaptive is not None:
        times, due = np.array([0.0, config.duration]), None
    else:
        steps = config.iterations if optimizes else max(1, round(config.duration / config.step))
        times = np.arange(steps + 1) * config.step
        due = None if steps <= KEPT else np.linspace(0, times[-1], KEPT) * (1 - 1e-12)
    ledger, work, count = Ledger(measure, due), [], 0
    slope = flow.gradient

    def counted(x: Tensor, t: float = 0.0) -> Tensor:
        nonlocal count
        count += 1
        return slope(x, t)

    def observe(x: Tensor, t: float) -> Tensor:
        work.append(count)
        return ledger(x, t)

    slow = REST if flow is not plain else 2 * pi * film.spacing * REST
    path = solve(
        replace(flow, gradient=counted),
        start,
        times,
        config.method,
        record="steps",
        observe=observe,
        progress=progress,
        tolerance=slow,
        rtol=config.tolerance,
        atol=config.tolerance,
    )
    profiles = film.profile(torch.from_numpy(ledger.frames[:, 0]).double()).numpy()
    unit = config.step if optimizes else 1.0
    return FilmRun(
        film,
        path,
        np.array(work),
        ledger.times / unit,
        ledger.energies[:, 0],
        ledger.rates[:, 0],
        None if optimizes else ledger.residual[:, 0],
        profiles,
        ledger.frame_times / unit,
        _limit(film, start, curved) if config.method == "euler" else np.inf,
    )


def _limit(film: SoapFilm, start: Tensor, curved: bool) -> float:
    """2/L at the start, L the largest eigenvalue of the flow's own linear part"""
    scale = 1.0 if curved else 1 / (2 * pi * film.spacing)
    slope = film.curvature_flow().gradient if curved else film.gradient
    return METHODS["euler"].step_limit(scale * largest_curvature(slope, start, 0.0))
